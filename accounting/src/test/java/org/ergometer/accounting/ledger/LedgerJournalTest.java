package org.ergometer.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerJournalTest {

  private final Path file;

  LedgerJournalTest(@TempDir Path directory) {
    file = directory.resolve("ledger.journal");
  }

  @Test
  void keepsTheLastRecordOfEachProcess() throws IOException {
    try (LedgerJournal journal = LedgerJournal.append(file, 0)) {
      journal.append(record(1, 5));
      journal.append(record(1, 7));
      journal.append(record(2, 3));
    }

    LedgerJournal.Contents contents = LedgerJournal.read(file);

    assertThat(contents.records()).containsExactly(record(1, 7), record(2, 3));
    assertThat(contents.bytes()).isEqualTo(Files.size(file));
    assertThat(contents.damaged()).isFalse();
  }

  @Test
  void isEmptyWhereThereIsNone() throws IOException {
    assertThat(LedgerJournal.read(file)).isEqualTo(new LedgerJournal.Contents(List.of(), 0, false));
  }

  @Test
  void readsOnceMoreWhatWasCutAnywhere() throws IOException {
    try (LedgerJournal journal = LedgerJournal.append(file, 0)) {
      journal.append(record(1, 5));
      journal.append(record(2, 7));
    }
    byte[] whole = Files.readAllBytes(file);
    int first = 8 + record(1, 5).bytes().length;

    for (int cut = first; cut < whole.length; cut++) {
      Files.write(file, Arrays.copyOf(whole, cut));

      assertThat(LedgerJournal.read(file))
          .isEqualTo(new LedgerJournal.Contents(List.of(record(1, 5)), first, false));
    }
    try (LedgerJournal journal = LedgerJournal.append(file, first)) {
      journal.append(record(3, 9));
    }
    assertThat(LedgerJournal.read(file).records()).containsExactly(record(1, 5), record(3, 9));
  }

  @Test
  void readsWhatIsWholeBeforeAndAfterDamage() throws IOException {
    try (LedgerJournal journal = LedgerJournal.append(file, 0)) {
      journal.append(record(1, 5));
      journal.append(record(1, 7));
      journal.append(record(2, 3));
    }
    byte[] whole = Files.readAllBytes(file);
    int last = 8 + record(2, 3).bytes().length;

    for (int bit = 0; bit < 8 * whole.length; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, flipped);

      LedgerJournal.Contents contents = LedgerJournal.read(file);

      boolean inLast = bit / 8 >= whole.length - last;
      boolean inMiddle = !inLast && bit / 8 >= 8 + record(1, 5).bytes().length;
      assertThat(contents.records())
          .as("bit %d", bit)
          .containsExactlyElementsOf(
              inLast ? List.of(record(1, 7)) : List.of(record(1, inMiddle ? 5 : 7), record(2, 3)));
      assertThat(contents.bytes()).isEqualTo(inLast ? whole.length - last : whole.length);
      // a length that is too great, at the end, is that of a record cut short
      boolean inLastLength = inLast && bit / 8 < whole.length - last + 4;
      assertThat(contents.damaged() || inLastLength).as("bit %d", bit).isTrue();
    }
  }

  /** What a file system may leave where power fails after a file has grown. */
  @Test
  void takesZerosForNoRecord() throws IOException {
    try (LedgerJournal journal = LedgerJournal.append(file, 0)) {
      journal.append(record(1, 5));
    }
    long whole = Files.size(file);
    Files.write(file, new byte[100], StandardOpenOption.APPEND);

    assertThat(LedgerJournal.read(file))
        .isEqualTo(new LedgerJournal.Contents(List.of(record(1, 5)), whole, false));
  }

  @Test
  void staysShortHoweverLongTheRun() throws IOException {
    try (LedgerJournal journal = LedgerJournal.append(file, 0, 1000)) {
      for (int step = 1; step <= 100; step++) {
        journal.append(record(1, step));
      }
    }
    try (LedgerJournal journal = LedgerJournal.append(file, Files.size(file), 1000)) {
      for (int step = 1; step <= 100; step++) {
        journal.append(record(2, step));

        assertThat(LedgerJournal.read(file))
            .isEqualTo(
                new LedgerJournal.Contents(
                    List.of(record(1, 100), record(2, step)), Files.size(file), false));
        assertThat(Files.size(file)).isLessThan(2300);
      }
    }
    assertThat(file.resolveSibling("ledger.journal.part")).doesNotExist();
  }

  private static WorkRecord record(int process, long steps) {
    // past 2^63, and none at all
    LedgerEntry entry =
        new LedgerEntry(
            "block.0",
            Phase.FORWARD,
            OpFamily.CUSTOM,
            "matmul",
            OpClass.MATMUL,
            ElementType.FLOAT32,
            steps,
            BigInteger.TWO.pow(70).add(BigInteger.valueOf(steps)),
            BigInteger.valueOf(255),
            BigInteger.ZERO);
    return new WorkRecord(process, Map.of("steps", steps), new LedgerSnapshot(List.of(entry), 2));
  }
}
