package org.ergometer.examples;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the directions between modules and packages, and the rules of the house. */
class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.ergometer");

  private static final String[] DL4J = {"org.nd4j..", "org.deeplearning4j..", "org.bytedeco.."};

  @Test
  void theScanFindsEveryModule() {
    assertThat(CLASSES.stream().map(type -> type.getPackageName().split("\\.", -1)[2]).distinct())
        .contains("accounting", "models", "runtime", "examples");
  }

  @Test
  void accountingStandsAlone() {
    noClasses()
        .that()
        .resideInAPackage("org.ergometer.accounting..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.ergometer.models..", "org.ergometer.runtime..", "org.ergometer.examples..")
        .check(CLASSES);
  }

  @Test
  void modelsNeverImportRuntime() {
    noClasses()
        .that()
        .resideInAPackage("org.ergometer.models..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.ergometer.runtime..", "org.ergometer.examples..")
        .check(CLASSES);
  }

  @Test
  void nothingImportsExamples() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.ergometer.examples..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.ergometer.examples..")
        .check(CLASSES);
  }

  /** Whose fault something is can be told by its type: any other argument is a defect. */
  @Test
  void mistakesOfUsersHaveAnExceptionOfTheirOwn() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "org.ergometer.runtime.checkpoint..",
            "org.ergometer.runtime.cli..",
            "org.ergometer.runtime.config..",
            "org.ergometer.runtime.data..",
            "org.ergometer.runtime.weights..",
            "org.ergometer.models.tokenizer..")
        .should()
        .callConstructorWhere(
            new DescribedPredicate<>("of IllegalArgumentException") {
              @Override
              public boolean test(JavaConstructorCall call) {
                boolean own = call.getOriginOwner().isAssignableTo(IllegalArgumentException.class);
                return !own && call.getTargetOwner().isEquivalentTo(IllegalArgumentException.class);
              }
            })
        .check(CLASSES);
    assertThat(
            CLASSES.that(resideInAPackage("org.ergometer.runtime.cli..")).stream()
                .flatMap(type -> type.getCodeUnits().stream())
                .flatMap(code -> code.getTryCatchBlocks().stream())
                .filter(
                    block ->
                        block.getCaughtThrowables().stream()
                            .anyMatch(
                                caught -> caught.isEquivalentTo(IllegalArgumentException.class))))
        .as("commands that take a defect for wrong usage")
        .isEmpty();
  }

  @Test
  void onlyTheHookKnowsNd4j() {
    noClasses()
        .that()
        .resideInAPackage("org.ergometer.accounting..")
        .and(not(resideInAPackage("org.ergometer.accounting.nd4j..")))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(DL4J)
        .check(CLASSES);
  }

  @Test
  void opsAreValuesOfTheirOwn() {
    onlyDependOn("org.ergometer.accounting.op..");
    onlyDependOn("org.ergometer.accounting.flops..", "org.ergometer.accounting.op..");
    onlyDependOn(
        "org.ergometer.accounting.ledger..",
        "org.ergometer.accounting.op..",
        "org.ergometer.accounting.flops..");
    onlyDependOn("org.ergometer.accounting.predict..", "org.ergometer.accounting.op..");
    onlyDependOn("org.ergometer.accounting.plan..", "org.ergometer.accounting.predict..");
    onlyDependOn("org.ergometer.accounting.energy..", "com.sun.jna..");
    onlyDependOn("org.ergometer.accounting.utilization..", "org.ergometer.accounting.op..");
    onlyDependOn(
        "org.ergometer.accounting.reconcile..",
        "org.ergometer.accounting.op..",
        "org.ergometer.accounting.ledger..",
        "org.ergometer.accounting.predict..");
  }

  /**
   * A package may use itself, those named after it, the JDK, annotations and the exception for what
   * users get wrong, and nothing else.
   */
  private static void onlyDependOn(String from, String... others) {
    classes()
        .that()
        .resideInAPackage(from)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                    Stream.concat(
                            Stream.of(
                                from,
                                "java..",
                                "org.jspecify.annotations..",
                                "org.ergometer.accounting.input.."),
                            Stream.of(others))
                        .toArray(String[]::new))
                .as("reside in " + from + ", " + List.of(others) + " or the JDK"))
        .check(CLASSES);
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching("org.ergometer.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void noPackageIsADrawerForOddsAndEnds() {
    noClasses()
        .should()
        .resideInAnyPackage(
            "..util..",
            "..utils..",
            "..common..",
            "..helper..",
            "..helpers..",
            "..misc..",
            "..impl..")
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLinePrints() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.ergometer.runtime.cli..", "org.ergometer.examples..")
        .should()
        .accessField(System.class, "out")
        .check(CLASSES);
  }

  /** Durations are of {@code nanoTime}: a clock that is set must not reach them. */
  @Test
  void theTimeOfDayMakesNamesAndNothingElse() {
    assertThat(
            CLASSES.stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> isTimeOfDay(call.getTarget()))
                .map(call -> call.getOriginOwner().getSimpleName())
                .distinct())
        // lines up a logger's file, names a run and says when it began, when it ended, clears what
        // was abandoned a day ago, and dates a peak
        .containsExactlyInAnyOrder(
            "EnergySensors", "TrainRun", "SummaryFacts", "TokenCache", "MachinePeak");
  }

  private static boolean isTimeOfDay(AccessTarget target) {
    String owner = target.getOwner().getName();
    return target.getName().equals("currentTimeMillis")
        || owner.equals("java.time.Clock")
        || (owner.startsWith("java.time.") && target.getName().equals("now"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"accounting", "models", "runtime", "examples"})
  void everyPackageSaysWhatItIsFor(String module) throws IOException {
    Path sources = Path.of("..", module, "src", "main", "java");
    try (Stream<Path> files = Files.walk(sources)) {
      List<Path> silent =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(Path::getParent)
              .distinct()
              .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
              .toList();
      assertThat(silent).as("packages without package-info.java").isEmpty();
    }
  }
}
