package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.adapter.SingletonDataSetIterator;

class LayerScopesTest {

  private static final int STEPS = 3;

  @AfterEach
  void leavesNoScopeBehind() {
    assertThat(Scope.current().layer()).isEqualTo(Scope.NO_LAYER);
    assertThat(Scope.current().phase()).isEqualTo(Phase.OTHER);
  }

  @Test
  void lstmTrainsAsWithout() {
    MultiLayerNetwork plain = Networks.lstm();
    MultiLayerNetwork scoped = Networks.lstm();
    assertThat(LayerScopes.install(scoped).scoped()).containsExactly("memory", "head");
    assertThat(train(scoped, Networks.sequences())).isEqualTo(train(plain, Networks.sequences()));
    assertThat(scoped.output(Networks.sequences().getFeatures()).ravel().toFloatVector())
        .isEqualTo(plain.output(Networks.sequences().getFeatures()).ravel().toFloatVector());
  }

  @Test
  void convolutionTrainsAsWithout() {
    MultiLayerNetwork plain = Networks.convolutional();
    MultiLayerNetwork scoped = Networks.convolutional();
    assertThat(LayerScopes.install(scoped).scoped())
        .containsExactly("filters", "pool", "dense", "head");
    assertThat(train(scoped, Networks.images())).isEqualTo(train(plain, Networks.images()));
  }

  @Test
  void graphTrainsAsWithout() {
    ComputationGraph plain = Networks.graph();
    ComputationGraph scoped = Networks.graph();
    assertThat(LayerScopes.install(scoped).scoped())
        .containsExactlyInAnyOrder("wide", "narrow", "head");
    assertThat(train(scoped, Networks.rows())).isEqualTo(train(plain, Networks.rows()));
  }

  @Test
  void opsAreBookedUnderTheirLayerAndPhase() {
    MultiLayerNetwork network = Networks.convolutional();
    LayerScopes.install(network);
    DataSet images = Networks.images();
    LedgerSnapshot counted = Counted.during(() -> train(network, images));
    Map<Phase, Map<String, Long>> products =
        counted.where(entry -> entry.op().equals("matmul")).entries().stream()
            .collect(
                Collectors.groupingBy(
                    LedgerEntry::phase,
                    Collectors.toMap(LedgerEntry::layer, LedgerEntry::executions)));
    // dense: one product forward; weights' and input's gradient, and its own forward again,
    // backward
    assertThat(products.get(Phase.FORWARD)).containsEntry("dense", (long) STEPS);
    assertThat(products.get(Phase.BACKWARD)).containsEntry("dense", 3L * STEPS);
    assertThat(products.get(Phase.BACKWARD)).containsKey("head");
    assertThat(products).doesNotContainKeys(Phase.UPDATE, Phase.OTHER);
    assertThat(products.values()).noneMatch(byLayer -> byLayer.containsKey(Scope.NO_LAYER));
    assertThat(counted.accountingErrors()).isZero();
    // the updater works on all parameters at once, in no layer
    LedgerSnapshot adam = counted.where(entry -> entry.op().equals("adam_updater"));
    assertThat(adam.entries()).extracting(LedgerEntry::phase).containsOnly(Phase.UPDATE);
    assertThat(adam.entries()).extracting(LedgerEntry::layer).containsOnly(Scope.NO_LAYER);
    assertThat(adam.executions()).isEqualTo(STEPS);
  }

  @Test
  void layersKeepTheirClassAndState() {
    MultiLayerNetwork network = Networks.lstm();
    Layer original = network.getLayer(0);
    LayerScopes.install(network);
    Layer scoped = network.getLayer(0);
    assertThat(scoped).isNotSameAs(original).isInstanceOf(original.getClass());
    assertThat(network.getOutputLayer()).isInstanceOf(IOutputLayer.class);
    assertThat(scoped.params()).isSameAs(original.params());
    assertThat(scoped.getGradientsViewArray()).isSameAs(original.getGradientsViewArray());
    assertThat(network.getLayer("memory")).isSameAs(scoped);
  }

  @Test
  void installingAgainChangesNothing() {
    MultiLayerNetwork network = Networks.lstm();
    LayerScopes.install(network);
    Layer scoped = network.getLayer(0);
    assertThat(LayerScopes.install(network).scoped()).containsExactly("memory", "head");
    assertThat(network.getLayer(0)).isSameAs(scoped);
  }

  @Test
  void aLayerThatCannotBeMadeAgainIsLeftAndReported() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new Bidirectional(new LSTM.Builder().nIn(3).nOut(5).build()))
                .layer(new RnnOutputLayer.Builder().name("head").nIn(10).nOut(4).build())
                .build());
    network.init();
    Layer both = network.getLayer(0);
    LayerScopes scopes = LayerScopes.install(network);
    assertThat(scopes.scoped()).containsExactly("head");
    assertThat(scopes.unscoped()).containsOnlyKeys("layer0");
    assertThat(network.getLayer(0)).isSameAs(both);
  }

  @Test
  void anUninitializedNetworkIsRefused() {
    MultiLayerNetwork network = new MultiLayerNetwork(Networks.lstm().getLayerWiseConfigurations());
    assertThatThrownBy(() -> LayerScopes.install(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("network must be initialized before scopes are installed; call init() first");
  }

  private static float[] train(MultiLayerNetwork network, DataSet data) {
    PhaseListener phases = new PhaseListener();
    network.addListeners(phases);
    for (int step = 0; step < STEPS; step++) {
      network.fit(data);
    }
    phases.close();
    return network.params().toFloatVector();
  }

  private static float[] train(ComputationGraph network, DataSet data) {
    PhaseListener phases = new PhaseListener();
    network.addListeners(phases);
    network.fit(new SingletonDataSetIterator(data), STEPS);
    assertThat(Scope.current().phase()).isEqualTo(Phase.OTHER);
    phases.close();
    return network.params().toFloatVector();
  }
}
