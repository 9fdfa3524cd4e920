package org.ergometer.runtime.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ergometer.accounting.predict.TransformerShape;

/** A family of models under whose names others know a decoder's configuration and tensors. */
sealed interface ModelFamily permits Gpt2Family, LlamaFamily {

  /** All that are known. */
  static List<ModelFamily> all() {
    return List.of(new Gpt2Family(), new LlamaFamily());
  }

  /** The {@code model_type} of its {@code config.json}. */
  String modelType();

  /** Why a model does not belong to it, as rule and value; empty if it does. */
  Optional<String> refusal(TransformerShape shape);

  /** Puts a model of the family into a {@code config.json}. */
  void describe(TransformerShape shape, ObjectNode config);

  /**
   * The model that a {@code config.json} describes.
   *
   * @throws IllegalArgumentException if it is none that is built here
   */
  TransformerShape shape(ConfigReader config);

  /** Keys of its {@code config.json} that change nothing of what is predicted. */
  Set<String> harmless();

  /** Where each tensor belongs in a model of the family, in the order in which they are written. */
  List<TensorPlace> places(TransformerShape shape);

  /** Without which names may begin: what is left names the tensor. */
  String prefix();

  /** Whether a tensor of this name, without prefix, is no parameter and can be left out. */
  boolean isDerived(String name);
}
