package org.ergometer.runtime.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import org.ergometer.runtime.report.ErgometerVersion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** The command {@code ergometer}. */
@Command(
    name = "ergometer",
    description = "Trains small transformers with DL4J and measures the work while it is done.",
    versionProvider = Main.Version.class,
    footer = {
      "%nExamples:",
      "  ergometer train",
      "  ergometer train --layers 6 --width 192 --steps 5k --data book.txt",
      "  ergometer report runs/20261123-120000",
      "%nExit codes: 0 done, 1 failed while working, 2 wrong usage or configuration,",
      "3 stopped by a limit that was set, 130 interrupted with what was done saved."
    })
public final class Main implements Runnable {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "show the version")
  boolean version;

  private Main() {}

  /** What {@code --version} shows. */
  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
      return new String[] {"ergometer " + ErgometerVersion.text()};
    }
  }

  /**
   * Runs a command and ends the process with its exit code. Libraries' texts have plain digits,
   * too, whatever language the machine is set to.
   */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    System.exit(run(StandardOutput.ofProcess(), System.err, arguments));
  }

  /** Runs a command and gives its exit code. */
  public static int run(PrintStream out, PrintStream err, String... arguments) {
    CommandLine train = new CommandLine(new TrainCommand());
    SettingOptions.addTo(train.getCommandSpec());
    CommandLine predict = new CommandLine(new PredictCommand());
    SettingOptions.addTo(predict.getCommandSpec(), PredictCommand.SETTINGS);
    CommandLine utilization = new CommandLine(new UtilizationCommand());
    SettingOptions.addTo(utilization.getCommandSpec(), UtilizationCommand.SETTINGS);
    CommandLine bench = new CommandLine(new BenchCommand());
    SettingOptions.addTo(bench.getCommandSpec(), BenchCommand.SETTINGS);
    Errors errors = new Errors();
    CommandLine command =
        new CommandLine(new Main())
            .addSubcommand(train)
            .addSubcommand(new GenerateCommand())
            .addSubcommand(new ReportCommand())
            .addSubcommand(new CompareCommand())
            .addSubcommand(predict)
            .addSubcommand(new PlanCommand())
            .addSubcommand(utilization)
            .addSubcommand(bench)
            .addSubcommand(new FootprintCommand())
            .addSubcommand(new TokenizerCommand())
            .addSubcommand(new ImportCommand())
            .addSubcommand(new ExportCommand())
            .addSubcommand(new DoctorCommand())
            .addSubcommand(new CommandLine.HelpCommand())
            .addSubcommand(
                // is given another command with its arguments, which are none of its own
                new CommandLine(new PreflightCommand()).setStopAtUnmatched(true))
            .setOut(new VisibleWriter(new PrintWriter(out, false, UTF_8)))
            .setErr(new VisibleWriter(new PrintWriter(err, false, UTF_8)))
            .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
            .setSubcommandsCaseInsensitive(true)
            .setOptionsCaseInsensitive(true)
            .setParameterExceptionHandler(errors)
            .setExecutionExceptionHandler(errors);
    command.setExecutionStrategy(
        parsed -> {
          try {
            int status = new CommandLine.RunLast().execute(parsed);
            command.getOut().flush();
            return status;
          } catch (StandardOutput.FailedException e) { // help that nobody can read
            return errors.handle(e, command, arguments);
          }
        });
    try {
      return command.execute(arguments);
    } catch (LinkageError | OutOfMemoryError e) {
      return errors.handle(e, command, arguments);
    }
  }

  /** No command at all: help is what is wanted, and it is not what was asked for. */
  @Override
  public void run() {
    throw new CommandException(
        ExitCode.WRONG_USAGE,
        "a command is missing; try ergometer train, or ergometer --help for all of them",
        null);
  }
}
