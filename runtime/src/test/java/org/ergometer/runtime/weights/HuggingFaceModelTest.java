package org.ergometer.runtime.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.predict.Activation;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.tokenizer.BytePairTokenizer;
import org.ergometer.models.tokenizer.BytePairTrainer;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.Gpt2Tokenizer;
import org.ergometer.models.tokenizer.SpecialTokens;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.models.transformer.Optimization;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.checkpoint.TokenizerFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Models in Hugging Face's files, held against forward passes that know nothing of ours. */
class HuggingFaceModelTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Tokenizer BYTES = new ByteTokenizer();
  private static final int[] TEXT = {3, 255, 0, 77, 3, 3, 128};

  private final Path directory;

  HuggingFaceModelTest(@TempDir Path directory) throws IOException {
    this.directory = Files.createDirectory(directory.resolve("model"));
  }

  /** L 2, C 12, H 3, F 20, V 256, T 9: tied and not, with biases and without. */
  static Stream<TransformerShape> gpts() {
    TransformerShape gpt = new TransformerShape(2, 12, 3, 20, 256, 9, true, true);
    return Stream.of(
        gpt,
        gpt.withBias(false),
        gpt.withTied(false).toBuilder().activation(Activation.RELU).normEpsilon(1e-2).build(),
        gpt.toBuilder().activation(Activation.SILU).positionRows(11).build());
  }

  /** Four heads of width 4 on two of keys and values, on one and on four. */
  static Stream<TransformerShape> llamas() {
    TransformerShape llama =
        new TransformerShape(2, 12, 3, 20, 256, 9, false, false)
            .toBuilder()
                .heads(4)
                .keyValueHeads(2)
                .headDim(4)
                .activation(Activation.SWIGLU)
                .norm(Norm.RMSNORM)
                .positions(Positions.ROPE)
                .build();
    return Stream.of(
        llama,
        llama.toBuilder().keyValueHeads(1).ropeBase(500).normEpsilon(1e-2).build(),
        llama.toBuilder().keyValueHeads(4).tied(true).bias(true).build());
  }

  static Stream<TransformerShape> all() {
    return Stream.concat(gpts(), llamas());
  }

  /** A model whose every parameter is felt, gains and biases too. */
  private static ComputationGraph model(TransformerShape shape) {
    ComputationGraph model = Transformer.create(shape, Optimization.adamW(1e-3), 1);
    Random random = new Random(5);
    INDArray parameters = model.params();
    for (long index = 0; index < parameters.length(); index++) {
      parameters.putScalar(index, 4 * parameters.getDouble(index) + 0.2 * random.nextGaussian());
    }
    return model;
  }

  private static ComputationGraph empty(TransformerShape shape) {
    return Transformer.create(shape, Optimization.adamW(1e-3), 99);
  }

  private static INDArray logits(ComputationGraph model) {
    return Transformer.logits(model, Nd4j.createFromArray(TEXT).reshape(1, TEXT.length));
  }

  private JsonNode config() throws IOException {
    return MAPPER.readTree(directory.resolve("config.json").toFile());
  }

  private Path weights() {
    return directory.resolve("model.safetensors");
  }

  private void write(ComputationGraph model) throws IOException {
    HuggingFaceModel.write(directory, model, BYTES, ElementFormat.FLOAT32);
  }

  @ParameterizedTest
  @MethodSource("gpts")
  void anotherGpt2PredictsTheSame(TransformerShape shape) throws IOException {
    ComputationGraph model = model(shape);
    write(model);

    assertThat(config().path("model_type").asText()).isEqualTo("gpt2");
    assertSame(logits(model), new OtherGpt2(new PlainTensors(weights()), config()).logits(TEXT));
  }

  @ParameterizedTest
  @MethodSource("llamas")
  void anotherLlamaPredictsTheSame(TransformerShape shape) throws IOException {
    ComputationGraph model = model(shape);
    write(model);

    assertThat(config().path("model_type").asText()).isEqualTo("llama");
    assertSame(logits(model), new OtherLlama(new PlainTensors(weights()), config()).logits(TEXT));
  }

  private static void assertSame(INDArray logits, double[][] expected) {
    for (int row = 0; row < expected.length; row++) {
      for (int token = 0; token < expected[row].length; token++) {
        assertThat(logits.getDouble(row, token))
            .as("row %d, token %d", row, token)
            .isCloseTo(expected[row][token], within(2e-4));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatIsWrittenIsReadToTheBit(TransformerShape shape) throws IOException {
    ComputationGraph model = model(shape);
    write(model);

    HuggingFaceModel read = HuggingFaceModel.open(directory);
    ComputationGraph loaded = empty(read.shape());
    read.load(loaded);

    // GPT-2's files have all biases; positions have as many rows as contexts may have tokens
    TransformerShape expected =
        config().path("model_type").asText().equals("gpt2")
            ? shape.toBuilder().bias(true).context(shape.positionRows()).build()
            : shape;
    assertThat(read.shape()).isEqualTo(expected);
    if (expected.equals(shape)) {
      assertThat(loaded.params()).isEqualTo(model.params());
    }
    assertThat(logits(loaded)).isEqualTo(logits(model));
    assertThat(read.tokenizer().encode("né")).isEqualTo(BYTES.encode("né"));
  }

  @Test
  void bfloat16IsHalfAsLongAndNear() throws IOException {
    ComputationGraph model = model(llamas().findFirst().orElseThrow());
    write(model);
    long whole = Files.size(weights());
    HuggingFaceModel.write(directory, model, BYTES, ElementFormat.BFLOAT16);

    ComputationGraph loaded = empty(Transformer.shape(model));
    HuggingFaceModel.open(directory).load(loaded);

    assertThat(Files.size(weights())).isLessThan(whole * 6 / 10);
    assertThat(config().path("torch_dtype").asText()).isEqualTo("bfloat16");
    for (long index = 0; index < model.numParams(); index++) {
      double value = model.params().getDouble(index);
      assertThat(loaded.params().getDouble(index)).isCloseTo(value, within(Math.abs(value) / 256));
    }
  }

  /** As files of the first years are: names without prefix, the causal mask among the tensors. */
  @Test
  void readsGpt2AsItWasFirstPublished() throws IOException {
    ComputationGraph model = model(gpts().findFirst().orElseThrow());
    List<SafetensorsWriter.Source> tensors = new ArrayList<>();
    for (SafetensorsWriter.Source tensor : ModelTensors.of(model, new Gpt2Family())) {
      tensors.add(renamed(tensor, tensor.name().substring("transformer.".length())));
    }
    tensors.add(zeros("h.0.attn.bias", 1, 1, 9, 9));
    tensors.add(zeros("h.1.attn.masked_bias"));
    write(model);
    write(tensors);

    ComputationGraph loaded = empty(Transformer.shape(model));
    HuggingFaceModel.open(directory).load(loaded);

    assertThat(loaded.params()).isEqualTo(model.params());
  }

  private void write(List<SafetensorsWriter.Source> tensors) throws IOException {
    try (OutputStream out = Files.newOutputStream(weights())) {
      new SafetensorsWriter(ElementFormat.FLOAT32).write(tensors, out);
    }
  }

  private static SafetensorsWriter.Source renamed(SafetensorsWriter.Source tensor, String name) {
    return new SafetensorsWriter.Source() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<Long> shape() {
        return tensor.shape();
      }

      @Override
      public void writeTo(SafetensorsWriter.Sink sink) throws IOException {
        tensor.writeTo(sink);
      }
    };
  }

  private static SafetensorsWriter.Source zeros(String name, long... shape) {
    return new SafetensorsWriter.Source() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<Long> shape() {
        return Arrays.stream(shape).boxed().toList();
      }

      @Override
      public void writeTo(SafetensorsWriter.Sink sink) throws IOException {
        sink.put(new float[Math.toIntExact(length())]);
      }
    };
  }

  @Test
  void tensorsMustBeThoseOfTheModel() throws IOException {
    ComputationGraph model = model(gpts().findFirst().orElseThrow());
    write(model);
    List<SafetensorsWriter.Source> tensors =
        new ArrayList<>(ModelTensors.of(model, new Gpt2Family()));
    tensors.add(zeros("transformer.h.2.ln_1.weight", 12));
    write(tensors);
    assertLoadRefused(
        "tensor transformer.h.2.ln_1.weight belongs to no part of a gpt2 model as config.json");

    tensors.set(tensors.size() - 1, renamed(tensors.get(0), "lm_head.weight")); // all the same
    write(tensors);
    HuggingFaceModel.open(directory).load(empty(Transformer.shape(model)));

    tensors.remove(3);
    write(tensors);
    assertLoadRefused("there is no tensor transformer.h.0.ln_1.bias, which config.json asks for");

    tensors.add(zeros("transformer.h.0.ln_1.bias", 1, 12));
    write(tensors);
    assertLoadRefused(
        "tensor transformer.h.0.ln_1.bias must have the shape [12] by config.json, got [1, 12]");

    tensors.set(tensors.size() - 1, zeros("transformer.h.0.ln_1.bias", 12));
    write(tensors);
    byte[] bytes = Files.readAllBytes(weights());
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("F32", text.indexOf("ln_1.bias"));
    bytes[at] = 'I';
    Files.write(weights(), bytes);
    assertLoadRefused("ln_1.bias must hold one of F32, F16, BF16, got I32; convert it");
  }

  /** The head that was trained is the one that predicts, whatever the configuration says. */
  @Test
  void aHeadThatDiffersFromATiedEmbeddingIsKept() throws IOException {
    ComputationGraph untied = model(gpts().findFirst().orElseThrow().withTied(false));
    write(untied);
    ObjectNode config = (ObjectNode) config();
    config.put("tie_word_embeddings", true);
    Files.writeString(directory.resolve("config.json"), config.toString());

    HuggingFaceModel read = HuggingFaceModel.open(directory);
    ComputationGraph loaded = empty(read.shape());
    read.load(loaded);

    assertThat(read.shape().tied()).isFalse();
    assertThat(read.remarks()).singleElement().asString().contains("both are kept, untied");
    assertThat(logits(loaded)).isEqualTo(logits(untied));
  }

  @Test
  void ofTwoTiedTensorsEitherIsEnough() throws IOException {
    ComputationGraph model = model(gpts().findFirst().orElseThrow());
    List<SafetensorsWriter.Source> tensors =
        new ArrayList<>(ModelTensors.of(model, new Gpt2Family()));
    write(model);
    tensors.set(0, renamed(tensors.get(0), "lm_head.weight"));
    write(tensors);

    HuggingFaceModel read = HuggingFaceModel.open(directory);
    ComputationGraph loaded = empty(read.shape());
    read.load(loaded);

    assertThat(loaded.params()).isEqualTo(model.params());
  }

  @Test
  void moreLayersThanTensorsAreRefusedBeforeAnythingIsMade() throws IOException {
    write(model(gpts().findFirst().orElseThrow()));
    assertChangeRefusedAnywhere("n_layer", Integer.MAX_VALUE, "tensors of 2147483647 layers");
  }

  private void assertChangeRefusedAnywhere(String key, Object value, String reason)
      throws IOException {
    ObjectNode config = (ObjectNode) config();
    config.set(key, MAPPER.valueToTree(value));
    Files.writeString(directory.resolve("config.json"), config.toString());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HuggingFaceModel.open(directory))
        .withMessageContaining(reason);
  }

  /** What a key is changed to so that the model is another, or none that is built here. */
  private static final Map<String, String> OTHER_VALUES =
      Map.ofEntries(
          Map.entry("model_type", "\"bert\""),
          Map.entry("auto_map", "{\"AutoModel\":\"own.Model\"}"),
          Map.entry("quantization_config", "{\"bits\":4}"),
          Map.entry("pruned_heads", "{\"0\":[1]}"),
          Map.entry("is_encoder_decoder", "true"),
          Map.entry("eos_token_id", "7"),
          Map.entry("tie_word_embeddings", "\"yes\""),
          Map.entry("vocab_size", "999"),
          Map.entry("n_layer", "3"),
          Map.entry("n_embd", "24"),
          Map.entry("n_head", "2"),
          Map.entry("n_inner", "999"),
          Map.entry("n_positions", "999"),
          Map.entry("activation_function", "\"relu\""),
          Map.entry("layer_norm_epsilon", "0.5"),
          Map.entry("scale_attn_weights", "false"),
          Map.entry("scale_attn_by_inverse_layer_idx", "true"),
          Map.entry("add_cross_attention", "true"),
          Map.entry("num_hidden_layers", "3"),
          Map.entry("hidden_size", "24"),
          Map.entry("num_attention_heads", "2"),
          Map.entry("num_key_value_heads", "4"),
          Map.entry("head_dim", "6"),
          Map.entry("intermediate_size", "999"),
          Map.entry("hidden_act", "\"gelu\""),
          Map.entry("max_position_embeddings", "999"),
          Map.entry("rms_norm_eps", "0.5"),
          Map.entry("rope_theta", "7"),
          Map.entry("rope_scaling", "{\"factor\":2.0}"),
          Map.entry("rope_parameters", "{\"rope_theta\":7.0}"),
          Map.entry("rope_interleaved", "true"),
          Map.entry("partial_rotary_factor", "0.5"),
          Map.entry("attention_bias", "true"),
          Map.entry("mlp_bias", "true"));

  @ParameterizedTest
  @MethodSource("families")
  void everyKeyThatIsReadChangesTheModelOrIsRefused(TransformerShape shape) throws IOException {
    write(model(shape));
    ObjectNode config = (ObjectNode) config();
    ModelFamily family =
        ModelFamily.all().stream()
            .filter(each -> each.modelType().equals(config.path("model_type").asText()))
            .findFirst()
            .orElseThrow();
    ConfigReader reader = new ConfigReader(config);
    family.shape(reader);
    Set<String> ofAll =
        Set.of(
            "model_type",
            "auto_map",
            "quantization_config",
            "pruned_heads",
            "is_encoder_decoder",
            "eos_token_id");
    Set<String> read = new TreeSet<>(reader.asked());
    read.addAll(ofAll);
    assertThat(OTHER_VALUES.keySet()).containsAll(read);
    assertThat(ConfigKeys.HARMLESS).doesNotContainAnyElementsOf(read);
    assertThat(family.harmless()).doesNotContainAnyElementsOf(read);
    assertThat(HuggingFaceModel.open(directory).remarks()).isEmpty();
    TransformerShape before = HuggingFaceModel.open(directory).shape();
    for (String key : read) {
      ObjectNode other = config.deepCopy();
      other.set(key, MAPPER.readTree(OTHER_VALUES.get(key)));
      if (!key.equals("eos_token_id")) {
        assertOther(other, family, before, key);
      }
    }
  }

  private static void assertOther(
      ObjectNode config, ModelFamily family, TransformerShape before, String key) {
    TransformerShape shape;
    try {
      ConfigReader reader = new ConfigReader(config);
      HuggingFaceModel.requireUsual(reader);
      shape = family.shape(reader);
    } catch (IllegalArgumentException e) {
      return;
    }
    if (!key.equals("model_type")) {
      assertThat(shape).as(key).isNotEqualTo(before);
    }
  }

  static Stream<TransformerShape> families() {
    return Stream.of(gpts().findFirst().orElseThrow(), llamas().findFirst().orElseThrow());
  }

  @Test
  void keysThatAreNotKnownAreTold() throws IOException {
    write(model(gpts().findFirst().orElseThrow()));
    ObjectNode config = (ObjectNode) config();
    config.put("logit_scale", 2).put("summary_type", "cls_index").putNull("other");
    Files.writeString(directory.resolve("config.json"), config.toString());
    Files.writeString(
        directory.resolve("generation_config.json"),
        "{\"eos_token_id\":[7],\"temperature\":0.6,\"transformers_version\":\"4\"}");

    assertThat(HuggingFaceModel.open(directory).remarks())
        .containsExactly(
            directory.resolve("config.json")
                + ": logit_scale are not known here and change nothing of what is imported",
            directory.resolve("generation_config.json")
                + ": temperature are not taken over; give generate its own options");
  }

  /** As Hugging Face's library does it: two spaces and four are tokens, and two that are marks. */
  @Test
  void addedTokensAreFoundInText() throws IOException {
    BytePairTokenizer tokenizer = added(false, false, false);
    int x = tokenizer.encode("x")[0];

    assertThat(tokenizer.encode("<|user|>    x", SpecialTokens.TOKEN)).containsExactly(258, 257, x);
    assertThat(tokenizer.encode("    x")).containsExactly(257, x);
    assertThat(tokenizer.encode("<|user|>", SpecialTokens.TEXT)).hasSize(8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("a <|user|>", SpecialTokens.REFUSE))
        .withMessage(
            "the text holds the special token <|user|>; set --special-tokens token to take it as one, or text to take it as text");
    assertThat(tokenizer.decode(tokenizer.encode("é<|user|>   x", SpecialTokens.TOKEN)))
        .isEqualTo("é<|user|>   x");
    assertThat(tokenizer.endOfText()).hasValue(259);
    assertThat(tokenizer.ends(259)).isTrue();
    assertThat(tokenizer.ends(258)).isFalse();
  }

  @Test
  void addedTokensTakeSpacesAndWordsAsTheySay() throws IOException {
    BytePairTokenizer word = added(true, false, false);
    assertThat(word.encode("a<|user|>", SpecialTokens.TOKEN)).doesNotContain(258);
    assertThat(word.encode("<|user|>_", SpecialTokens.TOKEN)).doesNotContain(258);
    assertThat(word.encode("a.<|user|> ", SpecialTokens.TOKEN)).contains(258);
    assertThat(added(false, true, false).encode("a \n<|user|> b", SpecialTokens.TOKEN))
        .containsExactly('a', 258, ' ', 'b');
    assertThat(added(false, false, true).encode("a<|user|> \n b", SpecialTokens.TOKEN))
        .containsExactly('a', 258, 'b');
  }

  @Test
  void addedTokensComeBackFromBothKindsOfFile() throws IOException {
    BytePairTokenizer tokenizer = added(true, true, false);
    Path file = directory.resolve("own.json");
    TokenizerFile.write(file, tokenizer);
    assertThat(TokenizerFile.read(file)).isEqualTo(tokenizer);

    HuggingFaceTokenizer.write(directory, tokenizer, 64);
    assertThat(HuggingFaceTokenizer.read(directory, Set.of(259))).isEqualTo(tokenizer);
  }

  private BytePairTokenizer added(boolean word, boolean left, boolean right) throws IOException {
    HuggingFaceTokenizer.write(directory, BYTES, 64);
    ObjectNode root = (ObjectNode) MAPPER.readTree(directory.resolve("tokenizer.json").toFile());
    String[] contents = {"  ", "    ", "<|user|>", "<|endoftext|>"};
    for (int index = 0; index < contents.length; index++) {
      root.withArray("added_tokens")
          .addObject()
          .put("id", 256 + index)
          .put("content", contents[index])
          .put("special", index > 1)
          .put("single_word", word && index == 2)
          .put("lstrip", left && index == 2)
          .put("rstrip", right && index == 2)
          .put("normalized", false);
    }
    Files.writeString(directory.resolve("tokenizer.json"), root.toString());
    return (BytePairTokenizer) HuggingFaceTokenizer.read(directory, Set.of());
  }

  /** What is known to be without effect on tokens; every other key is checked. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of("version", "padding", "truncation", "trim_offsets", "unk_token", "fuse_unk");

  @Test
  void everyKeyOfATokenizerIsDoneHarmlessOrRefused() throws IOException {
    BytePairTokenizer before = added(false, false, false);
    ObjectNode root = (ObjectNode) MAPPER.readTree(directory.resolve("tokenizer.json").toFile());
    assertEveryKeyMatters(root, root, TokenizerKeys.ROOT, before);
    assertEveryKeyMatters(root, root.withObject("/model"), TokenizerKeys.BYTE_PAIRS, before);
    assertEveryKeyMatters(
        root, root.withObject("/pre_tokenizer"), TokenizerKeys.BYTE_LEVEL, before);
    ObjectNode mark = (ObjectNode) root.withArray("added_tokens").get(2);
    assertEveryKeyMatters(root, mark, TokenizerKeys.ADDED, before);
  }

  private void assertEveryKeyMatters(
      ObjectNode root, ObjectNode part, Set<String> keys, BytePairTokenizer before)
      throws IOException {
    for (String key : keys) {
      JsonNode was = part.get(key);
      boolean on = was != null && was.isBoolean() && was.asBoolean();
      part.set(key, MAPPER.readTree(was != null && was.isInt() ? "1" : on ? "false" : "true"));
      if (key.equals("content")) {
        part.put(key, "<|system|>");
      }
      Files.writeString(directory.resolve("tokenizer.json"), root.toString());
      Tokenizer after = null;
      try {
        after = HuggingFaceTokenizer.read(directory, Set.of());
      } catch (IllegalArgumentException e) {
        assertThat(WITHOUT_EFFECT).doesNotContain(key);
      }
      if (after != null && !WITHOUT_EFFECT.contains(key)) {
        assertThat(after).as(key).isNotEqualTo(before);
      }
      if (was == null) {
        part.remove(key);
      } else {
        part.set(key, was);
      }
    }
  }

  @Test
  void weightsMustBeThere() throws IOException {
    write(model(gpts().findFirst().orElseThrow()));
    Files.delete(weights());
    assertLoadRefused("model.safetensors does not exist");
  }

  private void assertLoadRefused(String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HuggingFaceModel.open(directory))
        .withMessageContaining(reason)
        .withMessageStartingWith(directory.toString());
  }

  @Test
  void whatIsInNoFamilyIsRefusedWithAReasonForEach() {
    TransformerShape gpt = gpts().findFirst().orElseThrow();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write(empty(gpt.toBuilder().norm(Norm.RMSNORM).build())))
        .withMessage(
            "the model belongs to no family that others know: not to gpt2 (norm must be layernorm,"
                + " got rmsnorm), not to llama (positions must be rope, got learned); train one"
                + " that does to export it");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write(empty(gpt.toBuilder().qkNorm(true).build())))
        .withMessageContaining("not to gpt2 (qk-norm must be off, got on)");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aConfigurationThatIsNotBuiltHereIsRefused() throws IOException {
    assertConfigRefused("{\"model_type\":\"bert\"}", "model_type must be gpt2 or llama, got bert");
    assertConfigRefused("{", "config.json is no JSON");
    assertConfigRefused("[]", "model_type must be gpt2 or llama, got none");
    write(model(gpts().findFirst().orElseThrow()));
    assertChangeRefused("n_head", 5, "width must be a multiple of heads, got width 12 and heads 5");
    assertChangeRefused("n_layer", -1, "n_layer must be a whole number from 1 on, got -1");
    assertChangeRefused("n_layer", 1.5, "n_layer must be a whole number from 1 on, got 1.5");
    assertChangeRefused("activation_function", "mish", "activation_function must be gelu_new");
    assertChangeRefused("scale_attn_by_inverse_layer_idx", true, "must be false, got true");
    assertChangeRefused("layer_norm_epsilon", "small", "layer_norm_epsilon must be a number");
    write(model(llamas().findFirst().orElseThrow()));
    assertChangeRefused("hidden_act", "gelu", "hidden_act must be silu, got \"gelu\"");
    assertChangeRefused("num_key_value_heads", 3, "kv-heads must divide heads, got heads 4");
    assertChangeRefused("attention_bias", true, "mlp_bias must be that of attention_bias");
    assertChangeRefused(
        "rope_scaling", MAPPER.readTree("{\"rope_type\":\"llama3\"}"), "rope_scaling must be of");
  }

  /** Newer files have θ in an object. */
  @Test
  void theBaseOfRotaryPositionsMayBeInAnObject() throws IOException {
    write(model(llamas().findFirst().orElseThrow()));
    ObjectNode config = (ObjectNode) config();
    config.remove("rope_theta");
    config.set(
        "rope_parameters", MAPPER.readTree("{\"rope_theta\":7000.0,\"rope_type\":\"default\"}"));
    Files.writeString(directory.resolve("config.json"), config.toString());

    assertThat(HuggingFaceModel.open(directory).shape().ropeBase()).isEqualTo(7000);
  }

  private void assertConfigRefused(String config, String reason) throws IOException {
    Files.writeString(directory.resolve("config.json"), config);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HuggingFaceModel.open(directory))
        .withMessageContaining(reason)
        .withMessageStartingWith(directory.resolve("config.json").toString());
  }

  private void assertChangeRefused(String key, Object value, String reason) throws IOException {
    String before = Files.readString(directory.resolve("config.json"));
    ObjectNode config = (ObjectNode) config();
    config.set(key, MAPPER.valueToTree(value));
    assertConfigRefused(config.toString(), reason);
    Files.writeString(directory.resolve("config.json"), before);
  }

  static Stream<Tokenizer> tokenizers() {
    BytePairTrainer trainer = new BytePairTrainer();
    trainer.add("the cat that sat on the mat; the hat, the bat".repeat(3));
    return Stream.of(
        BYTES,
        new Gpt2Tokenizer(),
        CharacterTokenizer.of("the cat sat on a mat, né 𝕏?\n\0"),
        trainer.train(270, tokens -> {}));
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void tokenizersComeBack(Tokenizer tokenizer) throws IOException {
    HuggingFaceTokenizer.write(directory, tokenizer, 64);

    Tokenizer read = HuggingFaceTokenizer.read(directory, Set.of());

    String text = "the cat sat on a mat, né 𝕏?\n";
    assertThat(read.vocabularySize()).isEqualTo(tokenizer.vocabularySize());
    assertThat(read.encode(text)).isEqualTo(tokenizer.encode(text));
    assertThat(read.decode(read.encode(text))).isEqualTo(text);
    assertThat(read.endOfText()).isEqualTo(tokenizer.endOfText());
  }

  @Test
  void aTokenizerThatWorksOtherwiseIsRefused() throws IOException {
    HuggingFaceTokenizer.write(directory, BYTES, 64);
    Path file = directory.resolve("tokenizer.json");
    String json = Files.readString(file);

    assertTokenizerRefused(
        json.replace("\"BPE\"", "\"Unigram\""), "model must be BPE, got Unigram");
    assertTokenizerRefused(
        json.replace("\"use_regex\":true", "\"use_regex\":false"),
        "use_regex must be true, got false");
    assertTokenizerRefused(json.replace("\"version\"", "\"revision\""), "no \"revision\"");
    assertTokenizerRefused(json + "{}", "is damaged");
    assertTokenizerRefused(
        json.replace("\"byte_fallback\":false", "\"byte_fallback\":true"),
        "byte_fallback must be none");
    assertTokenizerRefused(json.replace("\":7,", "\":700,"), "numbered from 0 on, got number 8");
    assertTokenizerRefused(json.substring(1), "is damaged");
    Files.delete(file);
    assertThat(HuggingFaceTokenizer.read(directory, Set.of()).vocabularySize()).isEqualTo(256);
    Files.delete(directory.resolve("vocab.json"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HuggingFaceTokenizer.read(directory, Set.of()))
        .withMessageContaining("neither tokenizer.json nor vocab.json");
  }

  private void assertTokenizerRefused(String json, String reason) throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), json);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HuggingFaceTokenizer.read(directory, Set.of()))
        .withMessageContaining(reason)
        .withMessageContaining("--tokenizer");
  }
}
