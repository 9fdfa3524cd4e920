package org.ergometer.runtime.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.checkpoint.RunDirectory;

/** A directory that holds a model in Hugging Face's files, and how one becomes the other. */
public final class HuggingFaceModel {

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path directory;
  private final ModelFamily family;
  private final TransformerShape shape;

  private HuggingFaceModel(Path directory, ModelFamily family, TransformerShape shape) {
    this.directory = directory;
    this.family = family;
    this.shape = shape;
  }

  /**
   * The family under whose names a model can be written.
   *
   * @throws IllegalArgumentException if there is none, with a reason for each
   */
  private static ModelFamily familyOf(TransformerShape shape) {
    List<String> reasons = new ArrayList<>();
    for (ModelFamily family : ModelFamily.all()) {
      Optional<String> reason = family.refusal(shape);
      if (reason.isEmpty()) {
        return family;
      }
      reasons.add("%s (%s)".formatted(family.modelType(), reason.get()));
    }
    throw new IllegalArgumentException(
        "the model belongs to no family that others know: "
            + reasons.stream().map("not to "::concat).collect(Collectors.joining(", "))
            + "; train one that does to export it");
  }

  /**
   * Writes a model into a directory that exists.
   *
   * @return the {@code model_type} under which it is written
   * @throws IllegalArgumentException if it belongs to no family that is known
   */
  public static String write(
      Path directory, ComputationGraph model, Tokenizer tokenizer, ElementFormat format)
      throws IOException {
    TransformerShape shape = Transformer.shape(model);
    ModelFamily family = familyOf(shape);
    ObjectNode config = JsonNodeFactory.instance.objectNode().put("model_type", family.modelType());
    family.describe(shape, config);
    config.put("torch_dtype", format == ElementFormat.BFLOAT16 ? "bfloat16" : "float32");
    tokenizer
        .endOfText()
        .ifPresentOrElse(
            end -> config.put("bos_token_id", end).put("eos_token_id", end),
            () -> config.putNull("bos_token_id").putNull("eos_token_id"));
    RunDirectory.write(directory.resolve(CONFIG), MAPPER.writeValueAsString(config) + "\n");
    HuggingFaceTokenizer.write(directory, tokenizer, shape.context());
    RunDirectory.write(
        directory.resolve(WEIGHTS),
        out -> new SafetensorsWriter(format).write(ModelTensors.of(model, family), out));
    return family.modelType();
  }

  /**
   * Reads the description of a model.
   *
   * @throws IllegalArgumentException if it cannot be built here
   */
  public static HuggingFaceModel open(Path directory) throws IOException {
    Path file = directory.resolve(CONFIG);
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "%s does not exist; name a directory with %s, %s and a tokenizer"
              .formatted(file, CONFIG, WEIGHTS));
    }
    try {
      JsonNode config = MAPPER.readTree(Files.readString(file));
      String type = config.path("model_type").asText("none");
      for (ModelFamily family : ModelFamily.all()) {
        if (family.modelType().equals(type)) {
          return new HuggingFaceModel(directory, family, family.shape(config));
        }
      }
      throw new IllegalArgumentException(
          "model_type must be gpt2 or llama, got %s; models of other types are not built here"
              .formatted(type));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is no JSON; fetch or write it again".formatted(file), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** The model with its longest context. */
  public TransformerShape shape() {
    return shape;
  }

  /** The {@code model_type}. */
  public String modelType() {
    return family.modelType();
  }

  /**
   * The tokenizer that belongs to it.
   *
   * @throws IllegalArgumentException if there is none that is known here
   */
  public Tokenizer tokenizer() throws IOException {
    return HuggingFaceTokenizer.read(directory);
  }

  /**
   * Sets the parameters of a model of the directory's shape.
   *
   * @throws IllegalArgumentException if the weights are not there, damaged or those of another
   */
  public void load(ComputationGraph model) throws IOException {
    try (StoredTensors weights = StoredTensors.open(directory)) {
      ModelTensors.load(weights, family, model);
    }
  }
}
