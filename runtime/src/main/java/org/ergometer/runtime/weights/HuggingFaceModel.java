package org.ergometer.runtime.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.checkpoint.ForeignFile;
import org.ergometer.runtime.storage.AtomicFile;

/** A directory that holds a model in Hugging Face's files, and how one becomes the other. */
public final class HuggingFaceModel {

  private static final String CONFIG = "config.json";
  private static final String GENERATION = "generation_config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final int MOST_BYTES = 1 << 24;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path directory;
  private final ModelFamily family;
  private final TransformerShape shape;
  private final Set<Integer> ends;
  private final List<String> remarks;

  private HuggingFaceModel(
      Path directory,
      ModelFamily family,
      TransformerShape shape,
      Set<Integer> ends,
      List<String> remarks) {
    this.directory = directory;
    this.family = family;
    this.shape = shape;
    this.ends = ends;
    this.remarks = List.copyOf(remarks);
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
    throw new InvalidInputException(
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
    AtomicFile.write(directory.resolve(CONFIG), MAPPER.writeValueAsString(config) + "\n");
    HuggingFaceTokenizer.write(directory, tokenizer, shape.context());
    AtomicFile.write(
        directory.resolve(WEIGHTS),
        out -> new SafetensorsWriter(format).write(ModelTensors.of(model, family), out));
    return family.modelType();
  }

  /**
   * Reads the description of a model and the headers of its weights.
   *
   * @throws IllegalArgumentException if it cannot be built here, or the weights are not there,
   *     damaged or those of another
   */
  public static HuggingFaceModel open(Path directory) throws IOException {
    Path file = directory.resolve(CONFIG);
    if (!Files.exists(file)) {
      throw new InvalidInputException(
          "%s does not exist; name a directory with %s, %s and a tokenizer"
              .formatted(file, CONFIG, WEIGHTS));
    }
    HuggingFaceModel described = described(directory, file);
    try (StoredTensors weights = StoredTensors.open(directory)) {
      return ModelTensors.hasOwnHead(weights, described.family, described.shape)
          ? described.untied()
          : described;
    }
  }

  private static HuggingFaceModel described(Path directory, Path file) throws IOException {
    try {
      ConfigReader config = new ConfigReader(MAPPER.readTree(ForeignFile.text(file, MOST_BYTES)));
      String type = config.text("model_type", "none");
      for (ModelFamily family : ModelFamily.all()) {
        if (family.modelType().equals(type)) {
          requireUsual(config);
          TransformerShape shape = family.shape(config);
          Set<Integer> ends = ends(config.value("eos_token_id"));
          List<String> remarks = new ArrayList<>();
          Set<String> left = config.left();
          left.removeAll(ConfigKeys.HARMLESS);
          left.removeAll(family.harmless());
          tell(remarks, file, left, "are not known here and change nothing of what is imported");
          Set<Integer> generated = generation(directory.resolve(GENERATION), remarks);
          return new HuggingFaceModel(
              directory, family, shape, generated.isEmpty() ? ends : generated, remarks);
        }
      }
      throw new InvalidInputException(
          "model_type must be gpt2 or llama, got %s; models of other types are not built here"
              .formatted(type));
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s is no JSON with each key once; fetch or write it again".formatted(file), e);
    } catch (IllegalArgumentException e) {
      throw named(file, e);
    }
  }

  /** Refuses what would make another model of any family. */
  static void requireUsual(ConfigReader config) {
    for (String key : List.of("auto_map", "quantization_config", "pruned_heads")) {
      config.requireNone(key);
    }
    config.require("is_encoder_decoder", false);
  }

  private static IllegalArgumentException named(Path file, IllegalArgumentException e) {
    String reason = String.valueOf(e.getMessage());
    return reason.startsWith(file.toString())
        ? e
        : new InvalidInputException("%s: %s".formatted(file, reason), e);
  }

  private static void tell(List<String> remarks, Path file, Set<String> keys, String what) {
    if (!keys.isEmpty()) {
      remarks.add("%s: %s %s".formatted(file, String.join(", ", keys), what));
    }
  }

  /** Tokens that end a text; settings of how it is drawn are those of the command line. */
  private static Set<Integer> generation(Path file, List<String> remarks) throws IOException {
    if (!Files.exists(file)) {
      return Set.of();
    }
    try {
      ConfigReader config = new ConfigReader(MAPPER.readTree(ForeignFile.text(file, MOST_BYTES)));
      Set<Integer> ends = ends(config.value("eos_token_id"));
      Set<String> left = config.left();
      left.removeAll(ConfigKeys.GENERATION_NOTES);
      tell(remarks, file, left, "are not taken over; give generate its own options");
      return ends;
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s is no JSON with each key once; fetch or write it again".formatted(file), e);
    } catch (IllegalArgumentException e) {
      throw named(file, e);
    }
  }

  private static Set<Integer> ends(JsonNode value) {
    Set<Integer> ends = new TreeSet<>();
    for (JsonNode each : value.isArray() ? value : List.of(value)) {
      if (each.isInt() && each.asInt() >= 0) {
        ends.add(each.asInt());
      } else if (!each.isMissingNode() && !each.isNull()) {
        throw ConfigReader.wrong("eos_token_id", "a token's number, or a list of some", value);
      }
    }
    return ends;
  }

  private HuggingFaceModel untied() {
    List<String> more = new ArrayList<>(remarks);
    more.add(
        "%s ties the head to the embedding, but its weights differ: both are kept, untied"
            .formatted(directory.resolve(CONFIG)));
    return new HuggingFaceModel(directory, family, shape.withTied(false), ends, more);
  }

  /** What the files say and was not heeded, a line each. */
  public List<String> remarks() {
    return remarks;
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
    return HuggingFaceTokenizer.read(directory, ends);
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
