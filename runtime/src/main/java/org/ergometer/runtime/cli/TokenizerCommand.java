package org.ergometer.runtime.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Commands about vocabularies. */
@Command(
    name = "tokenizer",
    description = "Makes vocabularies.",
    subcommands = TokenizerTrainCommand.class,
    footer = {
      "%nExamples:",
      "  ergometer tokenizer train --data book.txt --vocabulary 8192 --out book-8k"
    })
final class TokenizerCommand implements Runnable {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  boolean help;

  @Override
  public void run() {
    throw new CommandException(
        ExitCode.WRONG_USAGE,
        "a command is missing; try ergometer tokenizer train, or ergometer tokenizer --help",
        null);
  }
}
