package org.ergometer.examples.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The directory in which the processes find the same data: the corpus as tokens, the start values
 * of the parameters, and the batches of the run, each a file of bare 32-bit numbers.
 */
record Exchange(Path directory) {

  /** Batches of the run; after the last comes the first again. */
  static final int BATCHES = 500;

  Path tokens() {
    return directory.resolve("tokens.i32");
  }

  /** All parameters in the model's order, matrices as [inputs, outputs] row by row. */
  Path parameters() {
    return directory.resolve("parameters.f32");
  }

  /** For each step the inputs [B, T], then the targets [B, T]. */
  Path batches() {
    return directory.resolve("batches.i32");
  }

  static void write(Path file, int[] values) throws IOException {
    try (FileChannel channel = open(file)) {
      append(channel, values);
    }
  }

  static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  static void append(FileChannel channel, int[] values) throws IOException {
    ByteBuffer bytes = buffer(Math.multiplyExact(values.length, Integer.BYTES));
    bytes.asIntBuffer().put(values);
    writeAll(channel, bytes);
  }

  /** Without a copy: memory for one would count as the trainer's. */
  static void append(FileChannel channel, ByteBuffer direct) throws IOException {
    writeAll(channel, direct);
  }

  static int[] readAll(Path file) throws IOException {
    IntBuffer mapped = map(file).asIntBuffer();
    int[] values = new int[mapped.remaining()];
    mapped.get(values);
    return values;
  }

  /** A whole file in memory, in the machine's byte order. */
  static ByteBuffer map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel
          .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
          .order(ByteOrder.nativeOrder());
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
