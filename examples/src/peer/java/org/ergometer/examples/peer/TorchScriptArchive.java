package org.ergometer.examples.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript module as PyTorch's {@code torch.jit.load} reads it, written without Python: a zip
 * of stored entries with the source of a class, and a pickle of one object of it.
 *
 * <p>PyTorch documents the format in {@code torch/csrc/jit/docs/serialization.md}, the codes of the
 * pickle are those of Python's {@code pickletools}.
 */
final class TorchScriptArchive {

  private static final String ROOT = "gpt/";
  private static final byte[] VERSION = "10\n".getBytes(UTF_8);

  /** Protocol 2, an empty tuple. */
  private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

  private final String className;
  private final String source;
  private final List<String> tensorLists;

  /**
   * One object of a class.
   *
   * @param source TorchScript of the class, as PyTorch itself writes it
   * @param tensorLists its fields, each a list of tensors that is empty at first
   */
  TorchScriptArchive(String className, String source, List<String> tensorLists) {
    this.className = className;
    this.source = source;
    this.tensorLists = List.copyOf(tensorLists);
  }

  void writeTo(OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    store(zip, "data.pkl", object());
    store(zip, "code/__torch__.py", source.getBytes(UTF_8));
    store(zip, "constants.pkl", NO_CONSTANTS);
    store(zip, "version", VERSION);
    zip.finish();
  }

  private byte[] object() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write(0x80); // protocol
    pickle.write(2);
    global(pickle, "__torch__", className);
    text(pickle, ")"); // no arguments,
    pickle.write(0x81); // a new object
    text(pickle, "}("); // and a dictionary of its fields:
    string(pickle, "training");
    pickle.write(0x88); // true
    for (String field : tensorLists) {
      string(pickle, field);
      global(pickle, "torch.jit._pickle", "build_tensorlist");
      text(pickle, "]"); // an empty list,
      pickle.write(0x85); // as the one argument,
      text(pickle, "R"); // is built
    }
    text(pickle, "ub."); // fields into the dictionary, that into the object; the end
    return pickle.toByteArray();
  }

  private static void global(ByteArrayOutputStream pickle, String module, String name) {
    text(pickle, "c" + module + "\n" + name + "\n");
  }

  /** A string of less than 256 bytes, its length as four bytes. */
  private static void string(ByteArrayOutputStream pickle, String value) {
    byte[] bytes = value.getBytes(UTF_8);
    text(pickle, "X");
    pickle.write(bytes.length);
    pickle.writeBytes(new byte[3]);
    pickle.writeBytes(bytes);
  }

  private static void text(ByteArrayOutputStream pickle, String value) {
    pickle.writeBytes(value.getBytes(UTF_8));
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    ZipEntry entry = new ZipEntry(ROOT + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
