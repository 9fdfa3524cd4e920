package org.ergometer.runtime.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8PiecesTest {

  @Test
  void holdsBackWhatIsNoWholeCharacterYet() {
    byte[] bytes = "é𝕏z".getBytes(UTF_8);
    Utf8Pieces pieces = new Utf8Pieces();

    List<String> handedOut = new ArrayList<>();
    for (byte each : bytes) {
      handedOut.add(pieces.add(new byte[] {each}));
    }

    assertThat(handedOut).containsExactly("", "é", "", "", "", "𝕏", "z");
    assertThat(pieces.end()).isEmpty();
  }

  @Test
  void aPieceMayEndOneCharacterAndBeginAnother() {
    Utf8Pieces pieces = new Utf8Pieces();

    assertThat(pieces.add(new byte[] {'a', (byte) 0xC3})).isEqualTo("a");
    assertThat(pieces.add(new byte[] {(byte) 0xA9, (byte) 0xE2})).isEqualTo("é");
    assertThat(pieces.add(new byte[] {(byte) 0x82})).isEmpty();
    assertThat(pieces.add(new byte[] {(byte) 0xAC, 'b', (byte) 0xF0})).isEqualTo("€b");
    assertThat(pieces.end()).isEqualTo("\uFFFD");
  }

  /** Bytes as a model may write them: a third of them parts of longer characters. */
  @Test
  void anyBytesInPiecesGiveWhatTheyGiveAtOnce() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[1 + random.nextInt(40)];
      random.nextBytes(bytes);
      for (int index = 0; index < bytes.length; index++) {
        bytes[index] = random.nextInt(3) > 0 ? (byte) (0xC0 | (bytes[index] & 0x3F)) : bytes[index];
      }
      Utf8Pieces pieces = new Utf8Pieces();
      StringBuilder text = new StringBuilder();
      for (int at = 0; at < bytes.length; ) {
        int next = Math.min(bytes.length, at + random.nextInt(4));
        text.append(pieces.add(Arrays.copyOfRange(bytes, at, next)));
        at = next;
      }
      assertThat(text.append(pieces.end()).toString()).isEqualTo(new String(bytes, UTF_8));
    }
  }
}
