package org.ergometer.models.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShuffleTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 16, 17, 1000, 65_537})
  void eachNumberComesOnceInARound(long size) {
    Shuffle shuffle = new Shuffle(size, 7);

    for (int round = 0; round < 3; round++) {
      assertThat(LongStream.range(round * size, (round + 1) * size).map(shuffle::at).sorted())
          .containsExactlyElementsOf(LongStream.range(0, size).boxed().toList());
    }
  }

  @Test
  void roundsAndSeedsDiffer() {
    List<Long> first = round(new Shuffle(100, 7), 0);

    assertThat(first).isEqualTo(round(new Shuffle(100, 7), 0));
    assertThat(first).isNotEqualTo(round(new Shuffle(100, 7), 1));
    assertThat(first).isNotEqualTo(round(new Shuffle(100, 8), 0));
  }

  @Test
  void reachesEveryNumberFromEveryPlace() {
    // 4 numbers over 4000 seeds: each number is expected 1000 times at the first place
    long[] times = new long[4];
    for (int seed = 0; seed < 4000; seed++) {
      times[(int) new Shuffle(4, seed).at(0)]++;
    }

    for (long count : times) {
      assertThat(count).isBetween(850L, 1150L); // five standard deviations of 27
    }
  }

  @Test
  void sizesBeyondAnIntegerAreWithinBounds() {
    long size = 5_000_000_019L;
    Shuffle shuffle = new Shuffle(size, 1);

    assertThat(IntStream.range(0, 1000).mapToObj(place -> shuffle.at(place)))
        .doesNotHaveDuplicates()
        .allSatisfy(number -> assertThat(number).isBetween(0L, size - 1))
        .anySatisfy(number -> assertThat(number).isGreaterThan(Integer.MAX_VALUE));
  }

  private static List<Long> round(Shuffle shuffle, int round) {
    return LongStream.range(round * 100L, (round + 1) * 100L).map(shuffle::at).boxed().toList();
  }
}
