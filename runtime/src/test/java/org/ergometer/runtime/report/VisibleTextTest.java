package org.ergometer.runtime.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VisibleTextTest {

  private static final String HARMLESS = "Größe\t1\r\nسلام, \u200c, 👩\u200d🔬\n";

  @Test
  void textForPeopleStaysAsItIs() {
    assertThat(VisibleText.of(HARMLESS)).isEqualTo(HARMLESS);
  }

  @Test
  void controlCharactersAreSeen() {
    assertThat(VisibleText.of("a\u001b[2Jb\rc\u0007\u009b1m\u202ed"))
        .isEqualTo("a\\u001b[2Jb\\u000dc\\u0007\\u009b1m\\u202ed");
    assertThat(VisibleText.inLine("a\nb")).isEqualTo("a\\u000ab");
  }

  /** Unicode's own lists of controls and of what turns directions. */
  @Test
  void noneIsLeftOut() {
    IntStream.rangeClosed(0, Character.MAX_VALUE)
        .filter(
            character ->
                Character.isISOControl(character)
                    || Character.getType(character) == Character.LINE_SEPARATOR
                    || Character.getType(character) == Character.PARAGRAPH_SEPARATOR
                    || turns(Character.getDirectionality(character)))
        .filter(character -> character != '\t')
        .forEach(
            character ->
                assertThat(VisibleText.inLine(Character.toString(character)))
                    .isEqualTo(hexadecimal(character)));
  }

  private static boolean turns(byte directionality) {
    return switch (directionality) {
      case Character.DIRECTIONALITY_LEFT_TO_RIGHT_EMBEDDING,
          Character.DIRECTIONALITY_LEFT_TO_RIGHT_OVERRIDE,
          Character.DIRECTIONALITY_LEFT_TO_RIGHT_ISOLATE,
          Character.DIRECTIONALITY_RIGHT_TO_LEFT_EMBEDDING,
          Character.DIRECTIONALITY_RIGHT_TO_LEFT_OVERRIDE,
          Character.DIRECTIONALITY_RIGHT_TO_LEFT_ISOLATE,
          Character.DIRECTIONALITY_FIRST_STRONG_ISOLATE,
          Character.DIRECTIONALITY_POP_DIRECTIONAL_FORMAT,
          Character.DIRECTIONALITY_POP_DIRECTIONAL_ISOLATE ->
          true;
      default -> false;
    };
  }

  private static String hexadecimal(int character) {
    String digits = Integer.toHexString(character);
    return "\\u" + "0".repeat(4 - digits.length()) + digits;
  }
}
