package org.ergometer.runtime.config;

import java.util.ArrayList;
import java.util.List;

/** The text of {@code docs/configuration.md}: every {@link Setting}, under its heading of help. */
public final class ConfigurationDocument {

  private static final String INTRODUCTION =
      """
      # Configuration

      This file is printed from `runtime/…/config/Setting.java`; a test holds the two equal.

      Every setting below is an option of `./ergometer train`, with two dashes before its name, and a key of the YAML file
      that `--config FILE` reads. Options win over the file, the file over a preset, a preset over the defaults. A key that is
      not among them is an error. What a run was configured with, defaults included, is in its `config.yaml`; that
      file can be given to `--config` again.

      ```
      layers: 6
      width: 192
      heads: 6
      data: [book.txt, letters.txt]
      learning-rate: 5e-4
      metrics: false
      ```

      Numbers may be written `2000`, `512k`, `1.4e12` or `70B`. A switch is `true` or `false` in the file; on the command line its
      name turns it on, and the name after the stroke turns it off.

      A value is the text that stands there: `region: NO` is Norway, and `1e3` or `2024-01-01` a text where a text is wanted.
      Nothing is read by half: a name twice, a switch beside its negation, a second document, nested values, a list where one
      value is wanted, `null`, anchors, aliases and tags are refused with their line. Paths in the file are relative to where the
      command is run; in a run's `config.yaml` they are absolute, so that it can be resumed from anywhere.
      `nvml-library`, and a `metrics-host` that is not this machine, are for the command line alone; a run's `config.yaml` does
      not hold them, nor `data-cache`, `metrics-textfile`, `metrics-auth` and `metrics-keystore`, see [security.md](security.md).
      """;

  private ConfigurationDocument() {}

  /** The whole document. */
  public static String text() {
    List<String> lines = new ArrayList<>();
    for (Setting.Group group : Setting.Group.values()) {
      lines.add("");
      lines.add("## " + group.heading());
      lines.add("");
      lines.add("| setting | default | meaning |");
      lines.add("| --- | --- | --- |");
      for (Setting setting : Setting.of(group)) {
        lines.add(row(setting));
      }
    }
    return INTRODUCTION + String.join("\n", lines) + "\n";
  }

  private static String row(Setting setting) {
    boolean isSwitch = setting.kind() == Setting.Kind.SWITCH;
    String names =
        isSwitch
            ? "`%s` / `%s`".formatted(setting.key(), setting.negation())
            : "`%s`".formatted(setting.key());
    String standard = setting.standard();
    return "| %s | %s | %s |"
        .formatted(
            names,
            standard == null || standard.isEmpty() ? "" : "`%s`".formatted(standard),
            isSwitch && "true".equals(standard) ? "off: " + setting.meaning() : setting.meaning());
  }
}
