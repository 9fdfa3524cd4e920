package org.ergometer.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What README says that the example prints is what it prints. */
class ReadmeTest {

  private static final Pattern TABLE =
      Pattern.compile("`examples/…/YourOwnNetwork.java` does this.*?```\n(.*?)```", Pattern.DOTALL);

  @Test
  void theTableOfYourOwnNetworkIsTheOneThatIsPrinted() throws IOException {
    Matcher table = TABLE.matcher(Files.readString(Path.of("../README.md")));
    assertThat(table.find()).isTrue();

    assertThat(printed()).contains(table.group(1));
  }

  private static String printed() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (PrintStream out = new PrintStream(printed, true, UTF_8)) {
      System.setOut(out);
      YourOwnNetwork.main(new String[0]);
    } finally {
      System.setOut(before);
    }
    return printed.toString(UTF_8).replace(System.lineSeparator(), "\n");
  }
}
