package org.ergometer.runtime.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The launcher, with a Maven and a JDK that only write down what they are asked for: what it builds
 * and fetches, when, and what it says.
 */
class LauncherTest {

  /** Fails offline until the same profiles were fetched online; and always, if told to. */
  private static final String MAVEN =
      """
      #!/bin/sh
      echo "$*" >>maven.log
      [ -z "${MAVEN_FAILS:-}" ] || { echo '[ERROR] no such artifact'; exit 1; }
      case "$*" in
        *-Pcuda,cuda-redist*--offline*) grep -qx redist fetched || exit 1 ;;
        *-Pcuda*--offline*) grep -qx cuda fetched || exit 1 ;;
        *-Pcuda,cuda-redist*) echo redist >>fetched ;;
        *-Pcuda*) echo cuda >>fetched ;;
      esac
      mkdir -p runtime/target
      echo "$PWD/pom.xml" >runtime/target/ergometer.classpath
      """;

  /** Answers the preflight with what is to be fetched, and says all else again. */
  private static final String JAVA =
      """
      #!/bin/sh
      case "$*" in
        *"Main preflight"*)
          if [ -z "${CUDA_WANTED:-}" ]; then exit 0
          elif ! grep -qx cuda fetched; then echo cuda
          elif [ "$CUDA_WANTED" = all ]; then echo cuda,cuda-redist
          fi ;;
        *) echo "$*"; exit 7 ;;
      esac
      """;

  private static final String[] CUDA = {"train", "--backend", "cuda", "--nvml-library", "any.so"};

  private final Path project;

  LauncherTest(@TempDir Path directory) {
    this.project = directory;
  }

  @BeforeEach
  void prepare() throws IOException {
    Path root = Path.of("..");
    Files.createDirectories(project.resolve(".mvn/wrapper"));
    Files.copy(root.resolve("ergometer"), project.resolve("ergometer"));
    Files.copy(root.resolve(".mvn/wrapper/jdk.sh"), project.resolve(".mvn/wrapper/jdk.sh"));
    Files.createFile(project.resolve("fetched"));
    for (String module : List.of("accounting", "models", "runtime")) {
      Files.createDirectories(project.resolve(module + "/src/main"));
      old(Files.createFile(project.resolve(module + "/pom.xml")));
      old(project.resolve(module + "/src/main"));
    }
    old(Files.createFile(project.resolve("pom.xml")));
    program("mvnw", MAVEN);
    program("jdk/bin/java", JAVA);
    Files.writeString(project.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
  }

  @Test
  void buildsOnceAndThenOnlyStarts() throws Exception {
    Ended first = launch(Map.of(), "plan", "--flops", "1e18");
    Ended second = launch(Map.of(), "plan", "--flops", "1e18");

    assertThat(first.error()).contains("building");
    assertThat(first.output()).contains("org.ergometer.runtime.cli.Main plan --flops 1e18");
    assertThat(first.status()).as("that of the program").isEqualTo(7);
    assertThat(second.error()).isEmpty();
    assertThat(second.output()).isEqualTo(first.output());
    assertThat(asked()).singleElement().asString().startsWith("--batch-mode").contains("package");
  }

  @Test
  void buildsAgainWhatHasChanged() throws Exception {
    launch(Map.of(), "plan");
    Path source = Files.createFile(project.resolve("models/src/main/New.java"));
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    launch(Map.of(), "plan");

    assertThat(asked()).hasSize(2);
  }

  @Test
  void fetchesCudaInTwoPartsAndSaysTheirSizes() throws Exception {
    Ended first = launch(Map.of("CUDA_WANTED", "all"), CUDA);
    int askedFirst = asked().size();
    Ended second = launch(Map.of("CUDA_WANTED", "all"), CUDA);

    assertThat(first.error())
        .containsSubsequence("ND4J's CUDA build, 0.6 GB, once", "own libraries, 1.8 GB, once");
    assertThat(first.output()).contains("Main train --backend cuda");
    assertThat(asked())
        .anyMatch(words -> words.contains("-Pcuda ") && !words.contains("--offline"))
        .anyMatch(words -> words.contains("-Pcuda,cuda-redist ") && !words.contains("--offline"));
    assertThat(second.error()).isEmpty();
    assertThat(asked()).hasSize(askedFirst);
  }

  @Test
  void fetchesNoLibrariesForAGpuThatCannotUseThem() throws Exception {
    Ended ended = launch(Map.of("CUDA_WANTED", "build"), CUDA);

    assertThat(ended.error()).contains("0.6 GB").doesNotContain("1.8 GB");
    assertThat(asked()).noneMatch(words -> words.contains("cuda-redist"));
  }

  @Test
  void fetchesNothingUnlessTheTrainingWantsIt() throws Exception {
    launch(Map.of(), CUDA);
    launch(Map.of("CUDA_WANTED", "all"), "plan", "--nvml-library=any.so");

    assertThat(asked()).hasSize(1).noneMatch(words -> words.contains("cuda"));
  }

  @Test
  void tellsAFetchThatFailedAndTriesAgainTheNextTime() throws Exception {
    launch(Map.of(), "plan");
    Ended failed = launch(Map.of("MAVEN_FAILS", "yes", "CUDA_WANTED", "all"), CUDA);
    Ended cpu = launch(Map.of(), "train");
    Ended again = launch(Map.of("CUDA_WANTED", "build"), CUDA);

    assertThat(failed.status()).isEqualTo(1);
    assertThat(failed.error()).contains("no such artifact", "the build failed", "build.log");
    assertThat(failed.output()).isEmpty();
    assertThat(cpu.output()).as("the CPU's build stands").contains("Main train");
    assertThat(again.error()).contains("fetching ND4J's CUDA build");
  }

  @Test
  void refusesAnOldJdk() throws Exception {
    Files.writeString(project.resolve("jdk/release"), "JAVA_VERSION=\"11.0.2\"\n");

    Ended ended = launch(Map.of(), "plan");

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.error()).hasLineCount(1).contains("JDK 11.0.2", "too old", "17");
  }

  @Test
  void takesAnyHeap() throws Exception {
    String small = "-Xmx32m";

    assertThat(launch(Map.of("ERGOMETER_JAVA_OPTIONS", small), "plan").output())
        .contains(small)
        .doesNotContain("-Xms", "-Xmn");
    assertThat(launch(Map.of("ERGOMETER_JAVA_OPTIONS", "-Xmx8g"), "plan").output())
        .contains("-Xms64m", "-Xmx8g");
  }

  @Test
  void saysWhatTheSurroundingsLack() throws Exception {
    String few = "ulimit -n 64; exec ./ergometer plan";
    String gone = "mkdir gone; cd gone; rmdir ../gone; exec ../ergometer plan";
    for (String command : List.of(few, gone)) {
      ProcessBuilder shell = new ProcessBuilder("/bin/sh", "-c", command);
      Process process = shell.directory(project.toFile()).redirectErrorStream(true).start();
      String told = new String(process.getInputStream().readAllBytes(), UTF_8);

      assertThat(process.waitFor()).isEqualTo(1);
      assertThat(told.lines().filter(line -> line.startsWith("ergometer: ")))
          .as(told)
          .singleElement()
          .asString()
          .containsAnyOf("64 files", "was deleted");
      assertThat(told).doesNotContain("building", "Exception");
    }
  }

  @Test
  void startsThroughLinksFromAnyDirectory() throws Exception {
    Path bin = Files.createDirectories(project.resolve("a bin"));
    Files.createSymbolicLink(bin.resolve("second"), Path.of("../ergometer"));
    Files.createSymbolicLink(bin.resolve("first"), bin.resolve("second").toAbsolutePath());

    Ended ended = launch(bin, "first", Map.of(), "plan");

    assertThat(ended.output()).contains("Main plan");
    assertThat(asked()).hasSize(1);
  }

  @Test
  void buildsAgainWhenAnyLibraryIsGone() throws Exception {
    launch(Map.of(), "plan");
    Files.writeString(
        project.resolve("runtime/target/ergometer.classpath"),
        project.resolve("pom.xml") + ":" + project.resolve("emptied.jar") + "\n");

    Ended ended = launch(Map.of(), "plan");

    assertThat(ended.error()).contains("building");
    assertThat(asked()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"LC_ALL,C", "LC_ALL,POSIX", "LANG,xx_XX.UTF-8", "LC_CTYPE,C"})
  void textBeyondAsciiArrivesInAnyLocale(String variable, String locale) throws Exception {
    program("jdk/bin/java", "#!/bin/sh\necho \"$LC_ALL\"\n");

    Ended ended = launch(Map.of(variable, locale), "plan");

    assertThat(ended.output()).isEqualTo("C.UTF-8\n");
  }

  /** What Maven was asked for, a line a call. */
  private List<String> asked() throws IOException {
    return Files.readAllLines(project.resolve("maven.log"));
  }

  private record Ended(int status, String output, String error) {}

  private Ended launch(Map<String, String> environment, String... words)
      throws IOException, InterruptedException {
    return launch(project, "ergometer", environment, words);
  }

  private Ended launch(Path from, String name, Map<String, String> environment, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", name));
    command.addAll(List.of(words));
    Path output = project.resolve("output");
    Path error = project.resolve("error");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(from.toFile())
            .redirectOutput(output.toFile())
            .redirectError(error.toFile());
    builder.environment().keySet().removeIf(key -> key.startsWith("LC_") || key.equals("LANG"));
    builder.environment().put("JAVA_HOME", project.resolve("jdk").toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Ended(
        process.exitValue(), Files.readString(output, UTF_8), Files.readString(error, UTF_8));
  }

  private void program(String name, String text) throws IOException {
    Path file = project.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void old(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3600)));
  }
}
