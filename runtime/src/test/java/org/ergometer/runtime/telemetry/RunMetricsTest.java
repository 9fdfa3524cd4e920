package org.ergometer.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.metrics.TrainingProgress;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.runtime.training.TrainingStep;
import org.junit.jupiter.api.Test;

class RunMetricsTest {

  private static final TransformerShape SHAPE =
      new TransformerShape(1, 8, 2, 32, 10, 4, true, false);

  private final TrainingProgress progress = new TrainingProgress();
  private final RunMetrics metrics = new RunMetrics(new Ledger(), progress);

  @Test
  void showsWhatTheTrainingLoopDid() {
    MatrixProducts step = MatrixProducts.trainingStep(SHAPE, 2, 4);
    // two steps, whose backward pass takes twice the forward one
    MatrixProducts forward = MatrixProducts.forwardPass(SHAPE, 2, 4, Phase.FORWARD);
    ProgressFeed feed = new ProgressFeed(progress, 4, 8, step);

    feed.stepDone(new TrainingStep(1, 2.5, 0.1, 1.5, true, 0.5, 8, null, null));
    feed.stepDone(new TrainingStep(2, 2.25, 0.2, 1.25, true, 1.5, 8, 3.5, null));

    // 2 of 4 steps in 2 seconds leave 2 seconds
    assertThat(text())
        .contains(
            "ergometer_steps_total{outcome=\"applied\"} 2.0",
            "ergometer_tokens_total{split=\"train\"} 16.0",
            "ergometer_tokens_total{split=\"validation\"} 8.0",
            "ergometer_loss{split=\"train\"} 2.25",
            "ergometer_loss{split=\"validation\"} 3.5",
            "ergometer_learning_rate 0.2",
            "ergometer_gradient_norm 1.25",
            "ergometer_progress_ratio 0.5",
            "ergometer_estimated_remaining_seconds 2.0",
            "ergometer_step_duration_seconds_count 2")
        .contains(
            "ergometer_predicted_flops_total{phase=\"backward\"} "
                + 4.0 * forward.flops().longValue())
        .doesNotContain("ergometer_predicted_flops_total{phase=\"evaluation\"}");
  }

  @Test
  void showsTheProcessItself() {
    assertThat(text()).contains("jvm_memory_used_bytes{", "process_cpu_usage");
  }

  @Test
  void hasNoLossBeforeTheFirstStep() {
    assertThat(text()).doesNotContain("ergometer_loss");
  }

  private String text() {
    return metrics.scrape("text/plain; version=0.0.4; charset=utf-8");
  }
}
