package org.ergometer.runtime.weights;

import static org.ergometer.models.transformer.TransformerParameters.TOKEN;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.models.transformer.TransformerParameters;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Moves parameters between a model and stored tensors, a piece at a time. */
final class ModelTensors {

  /** Elements of a piece, about. */
  private static final int PIECE = 1 << 20;

  private static final String HEAD = "lm_head.weight";

  private ModelTensors() {}

  /** The tensors of a model, read from its memory as they are written. */
  static List<SafetensorsWriter.Source> of(ComputationGraph model, ModelFamily family) {
    List<SafetensorsWriter.Source> tensors = new ArrayList<>();
    for (TensorPlace place : family.places(Transformer.shape(model))) {
      tensors.add(new Parameter(model, place));
    }
    return tensors;
  }

  /**
   * Sets a model's parameters.
   *
   * @throws IllegalArgumentException if there are too few tensors, too many or other ones
   */
  static void load(StoredTensors stored, ModelFamily family, ComputationGraph model)
      throws IOException {
    TransformerShape shape = Transformer.shape(model);
    Map<TensorPlace, StoredTensor> tensors = matched(stored, family, shape);
    for (Map.Entry<TensorPlace, StoredTensor> entry : tensors.entrySet()) {
      TensorPlace place = entry.getKey();
      forPieces(
          place,
          (first, rows) -> {
            INDArray piece = rows(parameter(model, place), place, first, rows);
            float[] values = elements(stored, entry.getValue(), place, first, rows);
            piece.assign(Nd4j.createFromArray(values).reshape('c', piece.shape()));
          });
    }
  }

  /**
   * Whether a model that is described as tied has a head that is not its embedding.
   *
   * @throws IllegalArgumentException if the tensors are not those of the model
   */
  static boolean hasOwnHead(StoredTensors stored, ModelFamily family, TransformerShape shape)
      throws IOException {
    if (shape.layers() > stored.names().size()) {
      throw new InvalidInputException(
          "%s: there must be tensors of %s layers by config.json, got %s tensors"
              .formatted(stored.path(), shape.layers(), stored.names().size()));
    }
    Map<TensorPlace, StoredTensor> tensors = matched(stored, family, shape);
    StoredTensor head = stored.find(HEAD);
    TensorPlace embedding = family.places(shape).get(0);
    StoredTensor rows = tensors.get(embedding);
    if (!shape.tied() || head == null || rows == null || head.equals(rows)) {
      return false;
    }
    fitting(stored, embedding, HEAD);
    boolean[] differs = {false};
    forPieces(
        embedding,
        (first, count) ->
            differs[0] |=
                !Arrays.equals(
                    elements(stored, head, embedding, first, count),
                    elements(stored, rows, embedding, first, count)));
    return differs[0];
  }

  private static float[] elements(
      StoredTensors stored, StoredTensor tensor, TensorPlace place, long first, long rows)
      throws IOException {
    return stored.read(
        tensor,
        ElementFormat.labelled(tensor.type()).orElseThrow(),
        first * place.rowLength(),
        Math.toIntExact(rows * place.rowLength()));
  }

  /**
   * Finds the tensor of each place.
   *
   * @throws IllegalArgumentException if there is not exactly one of its shape, or there are others
   */
  static Map<TensorPlace, StoredTensor> matched(
      StoredTensors stored, ModelFamily family, TransformerShape shape) {
    Map<TensorPlace, StoredTensor> matched = new LinkedHashMap<>();
    Set<String> left = new HashSet<>(stored.names());
    for (TensorPlace place : family.places(shape)) {
      String name = nameIn(stored, family, shape, place);
      matched.put(place, fitting(stored, place, name));
      left.remove(name);
    }
    // A head that is tied may be written all the same.
    left.removeIf(
        name ->
            family.isDerived(withoutPrefix(family, name)) || (shape.tied() && name.equals(HEAD)));
    if (!left.isEmpty()) {
      throw new InvalidInputException(
          "%s: tensor %s belongs to no part of a %s model as config.json describes it"
              .formatted(
                  stored.path(), left.stream().sorted().toList().get(0), family.modelType()));
    }
    return matched;
  }

  /** With the prefix or without; of two tied tensors either one is enough. */
  private static String nameIn(
      StoredTensors stored, ModelFamily family, TransformerShape shape, TensorPlace place) {
    String name = place.tensor();
    String bare = withoutPrefix(family, name);
    if (stored.find(name) != null) {
      return name;
    }
    boolean headInstead = shape.tied() && TOKEN.equals(place.parameter());
    return stored.find(bare) != null
        ? bare
        : headInstead && stored.find(HEAD) != null ? HEAD : name;
  }

  private static String withoutPrefix(ModelFamily family, String name) {
    return name.startsWith(family.prefix()) ? name.substring(family.prefix().length()) : name;
  }

  private static StoredTensor fitting(StoredTensors stored, TensorPlace place, String name) {
    StoredTensor tensor = stored.find(name);
    if (tensor == null) {
      throw new InvalidInputException(
          "%s: there is no tensor %s, which config.json asks for".formatted(stored.path(), name));
    }
    if (!tensor.shape().equals(place.shape())) {
      throw new InvalidInputException(
          "%s: tensor %s must have the shape %s by config.json, got %s"
              .formatted(stored.path(), name, place.shape(), tensor.shape()));
    }
    if (ElementFormat.labelled(tensor.type()).isEmpty()) {
      throw new InvalidInputException(
          "%s: tensor %s must hold one of %s, got %s; convert it"
              .formatted(stored.path(), name, ElementFormat.labels(), tensor.type()));
    }
    return tensor;
  }

  private static INDArray parameter(ComputationGraph model, TensorPlace place) {
    return TransformerParameters.of(
        model, place.layer(), Objects.requireNonNull(place.parameter(), place.tensor()));
  }

  /** Rows of a tensor as a view of the parameter that it is a part of. */
  private static INDArray rows(INDArray parameter, TensorPlace place, long first, long count) {
    long begin = parameter.offset() + place.firstColumn();
    if (parameter.rank() == 1) {
      return view(parameter, begin + first, new long[] {count}, 1);
    }
    long width = parameter.stride(0);
    return place.transposed()
        ? view(parameter, begin + first, new long[] {place.rowLength(), count}, width, 1)
            .transpose()
        : view(parameter, begin + first * width, new long[] {count, place.rowLength()}, width, 1);
  }

  private static INDArray view(INDArray of, long offset, long[] extents, long... strides) {
    return Nd4j.create(of.data(), extents, strides, offset, 'c');
  }

  /** Does something with a few rows. */
  private interface Piece {
    void at(long firstRow, long rows) throws IOException;
  }

  private static void forPieces(TensorPlace place, Piece piece) throws IOException {
    long rows = place.shape().get(0);
    long atOnce = Math.max(1, PIECE / place.rowLength());
    for (long first = 0; first < rows; first += atOnce) {
      piece.at(first, Math.min(atOnce, rows - first));
    }
  }

  /** A parameter's part as it goes into a stored. */
  private record Parameter(ComputationGraph model, TensorPlace place)
      implements SafetensorsWriter.Source {

    @Override
    public String name() {
      return place.tensor();
    }

    @Override
    public List<Long> shape() {
      return place.shape();
    }

    @Override
    public void writeTo(SafetensorsWriter.Sink sink) throws IOException {
      forPieces(
          place,
          (first, rows) ->
              sink.put(
                  place.parameter() == null
                      ? new float[Math.toIntExact(rows * place.rowLength())]
                      : rows(parameter(model, place), place, first, rows)
                          .dup('c')
                          .data()
                          .asFloat()));
    }
  }
}
