package org.ergometer.runtime.config;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing a training run can be told, under the same name on the command line and in YAML.
 *
 * <p>A setting without a default is either derived from others or may stay unset.
 */
public enum Setting {
  PRESET(
      Group.MODEL,
      Kind.TEXT,
      "preset",
      null,
      "a model that people know, such as gpt2-124m; the options below win over it"),
  LAYERS(Group.MODEL, Kind.WHOLE, "layers", "4", "transformer blocks"),
  WIDTH(Group.MODEL, Kind.WHOLE, "width", "128", "model width"),
  HEADS(Group.MODEL, Kind.WHOLE, "heads", "4", "attention heads"),
  KV_HEADS(
      Group.MODEL,
      Kind.WHOLE,
      "kv-heads",
      null,
      "heads of keys and values; divides --heads (default: --heads)"),
  HEAD_DIM(
      Group.MODEL, Kind.WHOLE, "head-dim", null, "width of a head (default: --width / --heads)"),
  FFN(Group.MODEL, Kind.WHOLE, "ffn", null, "feed-forward width (default: 4 times --width)"),
  EXPERTS(
      Group.MODEL, Kind.WHOLE, "experts", "1", "feed-forward networks that a router chooses from"),
  ACTIVE_EXPERTS(
      Group.MODEL, Kind.WHOLE, "active-experts", "1", "networks that each token goes through"),
  SHARED_EXPERTS(
      Group.MODEL, Kind.WHOLE, "shared-experts", "0", "networks beside them for every token"),
  DENSE_LAYERS(Group.MODEL, Kind.WHOLE, "dense-layers", "0", "first blocks, which have no experts"),
  DENSE_FFN(Group.MODEL, Kind.WHOLE, "dense-ffn", "0", "feed-forward width of these"),
  ROUTER_BIAS(
      Group.MODEL,
      Kind.SWITCH,
      "router-bias",
      "false",
      "give the router a number for each expert beside its matrix, as DeepSeek-V3 does"),
  KV_LATENT(
      Group.MODEL,
      Kind.WHOLE,
      "kv-latent",
      "0",
      "width of the vector that keys and values come from in latent attention; 0: no such thing"),
  QUERY_LATENT(
      Group.MODEL,
      Kind.WHOLE,
      "query-latent",
      "0",
      "width of the vector that queries come from; 0: they come from the input"),
  ROTARY_DIM(
      Group.MODEL,
      Kind.WHOLE,
      "rotary-dim",
      null,
      "channels that turn with the position in latent attention (default: --head-dim)"),
  VALUE_DIM(
      Group.MODEL,
      Kind.WHOLE,
      "value-dim",
      null,
      "width of a head's value in latent attention (default: --head-dim)"),
  ACTIVATION(Group.MODEL, Kind.TEXT, "activation", "gelu", "gelu, gelu_erf, relu, silu or swiglu"),
  NORM(Group.MODEL, Kind.TEXT, "norm", "layernorm", "layernorm, rmsnorm or none"),
  POSITIONS(Group.MODEL, Kind.TEXT, "positions", "learned", "learned, rope, relative or none"),
  ROPE_BASE(Group.MODEL, Kind.REAL, "rope-base", "10000", "base of the angles of rope positions"),
  NORM_EPSILON(Group.MODEL, Kind.REAL, "norm-epsilon", "1e-5", "what norms add to the variance"),
  QK_NORM(Group.MODEL, Kind.SWITCH, "qk-norm", "false", "normalize queries and keys of each head"),
  VOCABULARY(
      Group.MODEL,
      Kind.WHOLE,
      "vocabulary",
      null,
      "rows of the embedding (default: the tokens of the tokenizer)"),
  CONTEXT(Group.MODEL, Kind.WHOLE, "context", "64", "tokens in a window"),
  EXTRA_POSITIONS(
      Group.MODEL,
      Kind.WHOLE,
      "extra-positions",
      "0",
      "rows of learned positions beyond the context, of which OPT has 2"),
  TIED(Group.MODEL, Kind.SWITCH, "tied", "true", "give the output head a matrix of its own"),
  BIAS(Group.MODEL, Kind.SWITCH, "bias", "false", "give linear layers and norms biases"),
  QKV_BIAS(
      Group.MODEL,
      Kind.SWITCH,
      "qkv-bias",
      null,
      "give queries, keys and values biases, as they alone have in Qwen 2 (default: --bias)"),
  NORM_BIAS(
      Group.MODEL,
      Kind.SWITCH,
      "norm-bias",
      null,
      "give layer norms biases, as they alone have in Falcon (default: --bias)"),
  BLOCK_NORMS(
      Group.MODEL,
      Kind.WHOLE,
      "block-norms",
      "2",
      "norms of a block: 1 that attention and feed-forward share, or 4 with one after each too"),
  EMBEDDING_NORM(
      Group.MODEL,
      Kind.SWITCH,
      "embedding-norm",
      "false",
      "normalize after the embedding too, as BLOOM does"),
  FINAL_NORM(
      Group.MODEL, Kind.SWITCH, "final-norm", "true", "no norm after the last block, as in GPT-1"),
  RECOMPUTE(
      Group.MODEL,
      Kind.TEXT,
      "recompute",
      "none",
      "what the backward pass computes again: none, full or attention"),

  FROM(
      Group.TRAINING,
      Kind.DIRECTORY,
      "from",
      null,
      "run, or import, whose model is trained further; what the model is follows from it"
          + " (default: start values are drawn)"),
  STEPS(Group.TRAINING, Kind.WHOLE, "steps", "2000", "training steps"),
  TOKENS(
      Group.TRAINING,
      Kind.WHOLE,
      "tokens",
      null,
      "tokens to train on, rounded up to whole steps, in place of --steps"),
  BATCH(Group.TRAINING, Kind.WHOLE, "batch", "12", "windows in a batch"),
  ACCUMULATE(
      Group.TRAINING,
      Kind.WHOLE,
      "accumulate",
      "1",
      "batches whose mean gradient makes one step, for the memory of one"),
  SEED(Group.TRAINING, Kind.WHOLE, "seed", "1337", "same seed, same numbers"),
  OPTIMIZER(
      Group.TRAINING,
      Kind.TEXT,
      "optimizer",
      "adamw",
      "adamw, sgd, lion or adafactor (the least memory); all with decoupled decay"),
  LEARNING_RATE(Group.TRAINING, Kind.REAL, "learning-rate", "1e-3", "highest learning rate"),
  MIN_LEARNING_RATE(
      Group.TRAINING,
      Kind.REAL,
      "min-learning-rate",
      null,
      "learning rate at the end (default: a tenth of the highest)"),
  SCHEDULE(
      Group.TRAINING,
      Kind.TEXT,
      "schedule",
      "cosine",
      "how the learning rate falls after the warm-up: cosine, linear, wsd (only at the end) or constant"),
  WARMUP(
      Group.TRAINING,
      Kind.WHOLE,
      "warmup",
      null,
      "steps until the highest learning rate (default: 100, at most a tenth of --steps)"),
  COOLDOWN(
      Group.TRAINING,
      Kind.WHOLE,
      "cooldown",
      null,
      "last steps, over which wsd falls along a line (default: a fifth of --steps)"),
  WEIGHT_DECAY(Group.TRAINING, Kind.REAL, "weight-decay", "0.1", "decoupled, on matrices only"),
  BETA1(Group.TRAINING, Kind.REAL, "beta1", "0.9", "decay of the first moment (adamw, lion)"),
  BETA2(Group.TRAINING, Kind.REAL, "beta2", "0.99", "decay of the second moment (adamw, lion)"),
  MOMENTUM(
      Group.TRAINING, Kind.REAL, "momentum", "0.9", "Nesterov's momentum of sgd; 0 keeps no state"),
  CLIP(Group.TRAINING, Kind.REAL, "clip", "1.0", "largest global gradient norm; 0 clips nothing"),
  DROPOUT(
      Group.TRAINING,
      Kind.REAL,
      "dropout",
      "0",
      "part of the embedding's and each sublayer's output that is zeroed at random while training"),
  AVERAGE_DECAY(
      Group.TRAINING,
      Kind.REAL,
      "average-decay",
      "0",
      "decay of a moving average of the weights, such as 0.999, which is evaluated and saved; 0 keeps none"),
  PRECISION(
      Group.TRAINING,
      Kind.TEXT,
      "precision",
      "float32",
      "float32, mixed-bfloat16 or mixed-float16: products with weights on 16 bits, all else in float32"),
  LOSS_SCALE(
      Group.TRAINING,
      Kind.REAL,
      "loss-scale",
      "2^16",
      "factor of the loss at first with mixed-float16, a power of two; halves where gradients overflow"),
  LOSS_SCALE_WINDOW(
      Group.TRAINING,
      Kind.WHOLE,
      "loss-scale-window",
      "2000",
      "steps without an overflow after which that factor doubles"),
  MEASURE_BASELINE(
      Group.TRAINING,
      Kind.WHOLE,
      "measure-baseline",
      "0",
      "steps in float32, spread over a mixed run, on a copy of the model; what they take is told beside the run"),
  EVAL_EVERY(Group.TRAINING, Kind.WHOLE, "eval-every", "250", "steps between evaluations"),
  EVAL_BATCHES(
      Group.TRAINING,
      Kind.WHOLE,
      "eval-batches",
      "32",
      "size of the evaluation set in batches of 768 tokens, whatever --batch is"),
  PATIENCE(
      Group.TRAINING,
      Kind.WHOLE,
      "patience",
      null,
      "evaluations without a lower loss after which training ends (default: never)"),
  DIVERGENCE(
      Group.TRAINING,
      Kind.TEXT,
      "divergence",
      "stop",
      "at a gradient that is no finite number, or a spike: stop, or skip the update"),
  SPIKE_DEVIATIONS(
      Group.TRAINING,
      Kind.REAL,
      "spike-deviations",
      null,
      "standard deviations above the last 128 steps at which a loss or gradient norm is a spike, such as 6"
          + " (default: never)"),

  DATA(
      Group.DATA,
      Kind.FILES,
      "data",
      "",
      "UTF-8 text to train on: files, directories, globs, - for standard input; plain, gzip or JSONL"
          + " (default: a novel by Dickens that comes along)"),
  DATA_FIELD(
      Group.DATA,
      Kind.TEXT,
      "data-field",
      null,
      "field that holds the text in JSONL (default: text); given, standard input is JSONL"),
  TOKENIZER(Group.DATA, Kind.TEXT, "tokenizer", "char", "char, byte, gpt2, bpe:FILE or file:FILE"),
  SPECIAL_TOKENS(
      Group.DATA,
      Kind.TEXT,
      "special-tokens",
      "token",
      "what is made of one in the text, such as <|endoftext|>: token, text like any other, or refuse"),
  SPLIT(
      Group.DATA,
      Kind.TEXT,
      "split",
      "tail",
      "tenth that is held out: tail, the end of the text, or document, the second of every ten"),
  ORDER(
      Group.DATA,
      Kind.TEXT,
      "order",
      "random",
      "windows: random, or shuffled, each once before any comes again"),
  DATA_CACHE(
      Group.DATA,
      Kind.DIRECTORY,
      "data-cache",
      null,
      "where tokens are kept (default: ergometer/tokens in the user's cache)"),

  RUN(
      Group.OUTPUT,
      Kind.DIRECTORY,
      "run",
      null,
      "new directory for everything the run leaves (default: runs/ and the time)"),
  SAVE_EVERY(Group.OUTPUT, Kind.WHOLE, "save-every", "250", "steps between checkpoints"),
  KEEP(Group.OUTPUT, Kind.WHOLE, "keep", "2", "newest checkpoints to keep, beside the best"),
  METRICS(Group.OUTPUT, Kind.SWITCH, "metrics", "true", "serve no /metrics"),
  METRICS_PORT(
      Group.OUTPUT,
      Kind.WHOLE,
      "metrics-port",
      null,
      "port of /metrics; 0 takes any free one (default: 9464, or a free one if it is taken)"),
  METRICS_HOST(Group.OUTPUT, Kind.TEXT, "metrics-host", "127.0.0.1", "address of /metrics"),
  METRICS_LINGER(
      Group.OUTPUT,
      Kind.REAL,
      "metrics-linger",
      "0",
      "seconds that page and metrics stay up after the run"),
  METRICS_TEXTFILE(
      Group.OUTPUT,
      Kind.FILE,
      "metrics-textfile",
      null,
      "file ending in .prom that the run's metrics are written to, for node-exporter"),
  METRICS_AUTH(
      Group.OUTPUT,
      Kind.FILE,
      "metrics-auth",
      null,
      "file with one line USER:PASSWORD, which readers have to know"),
  METRICS_KEYSTORE(
      Group.OUTPUT,
      Kind.FILE,
      "metrics-keystore",
      null,
      "keystore with the key and certificate for TLS: page and metrics are at https then"),
  METRICS_KEYSTORE_PASSWORD(
      Group.OUTPUT,
      Kind.FILE,
      "metrics-keystore-password",
      null,
      "file with one line, the password of the keystore"),
  ACCOUNTING(Group.OUTPUT, Kind.SWITCH, "accounting", "true", "count no native ops"),
  STRICT_ACCOUNTING(
      Group.OUTPUT,
      Kind.SWITCH,
      "strict-accounting",
      "false",
      "end with exit code 3 at an op that cannot be counted"),
  PEAK(
      Group.OUTPUT,
      Kind.REAL,
      "peak",
      null,
      "FLOP/s that utilization is held against, or a device such as a100 (default: measured)"),
  BACKEND(
      Group.OUTPUT,
      Kind.TEXT,
      "backend",
      "auto",
      "cpu, cuda, or auto: CUDA where a GPU can be used and its libraries are fetched"),
  ACCELERATION(
      Group.OUTPUT,
      Kind.TEXT,
      "acceleration",
      "auto",
      "auto: oneDNN executes what it can; off: ND4J executes every op itself"),

  ENERGY(Group.ENERGY, Kind.SWITCH, "energy", "true", "meter no energy"),
  POWERCAP_ROOT(
      Group.ENERGY,
      Kind.DIRECTORY,
      "powercap-root",
      "/sys/class/powercap",
      "where Linux shows the energy counters of processors"),
  NVML_LIBRARY(
      Group.ENERGY,
      Kind.FILE,
      "nvml-library",
      null,
      "NVIDIA's management library, for the energy of GPUs (default: the driver's, on CUDA)"),
  ENERGY_REPLAY(
      Group.ENERGY,
      Kind.FILE,
      "energy-replay",
      null,
      "CSV of a logger instead of sensors: time in seconds, and a column of joules for each domain"),
  CPU_WATTS(
      Group.ENERGY,
      Kind.REAL,
      "cpu-watts",
      null,
      "power of the processors at full load, to estimate where no sensor is (default: TDP, if known)"),
  IDLE_SECONDS(
      Group.ENERGY,
      Kind.REAL,
      "idle-seconds",
      null,
      "rest to meter before training (default: 3 where a sensor is, else 0)"),
  REGION(
      Group.ENERGY,
      Kind.TEXT,
      "region",
      null,
      "country whose grid's mean emissions hold, such as FR or France; or WORLD"),
  INTENSITY(Group.ENERGY, Kind.REAL, "intensity", null, "kg CO2e for each kWh instead"),
  PUE(Group.ENERGY, Kind.REAL, "pue", "1", "energy of the data centre for each of its computers'"),
  PRICE(Group.ENERGY, Kind.REAL, "price", null, "USD for the machine and an hour"),
  ENERGY_PRICE(Group.ENERGY, Kind.REAL, "energy-price", null, "USD for a kWh of electricity"),

  MINUTES(
      Group.BUDGET,
      Kind.REAL,
      "minutes",
      null,
      "minutes of the run, all its processes together, after which it stops"),
  FLOPS_BUDGET(
      Group.BUDGET, Kind.REAL, "flops-budget", null, "counted FLOPs at which the run stops"),
  ENERGY_BUDGET_KWH(
      Group.BUDGET, Kind.REAL, "energy-budget-kwh", null, "kWh at which the run stops"),
  CO2E_BUDGET_KG(Group.BUDGET, Kind.REAL, "co2e-budget-kg", null, "kg CO2e at which the run stops"),
  USD_BUDGET(Group.BUDGET, Kind.REAL, "usd-budget", null, "USD at which the run stops");

  /** Heading under which help shows a setting. */
  public enum Group {
    MODEL("Model"),
    TRAINING("Training"),
    DATA("Data"),
    OUTPUT("Run, metrics and accounting"),
    ENERGY("Energy, emissions and money"),
    BUDGET("Budgets: the run stops after the step that spends one, saves the model, exits with 3");

    private final String heading;

    Group(String heading) {
      this.heading = heading;
    }

    public String heading() {
      return heading;
    }
  }

  /** What a setting's value looks like. */
  public enum Kind {
    WHOLE,
    REAL,
    SWITCH,
    TEXT,
    FILE,
    FILES,
    DIRECTORY
  }

  private final Group group;
  private final Kind kind;
  private final String key;
  private final @Nullable String standard;
  private final String meaning;

  Setting(Group group, Kind kind, String key, @Nullable String standard, String meaning) {
    this.group = group;
    this.kind = kind;
    this.key = key;
    this.standard = standard;
    this.meaning = meaning;
  }

  public Group group() {
    return group;
  }

  public Kind kind() {
    return kind;
  }

  /** Name in YAML, and on the command line after two dashes. */
  public String key() {
    return key;
  }

  /** Default as text, or null where there is none. */
  public @Nullable String standard() {
    return standard;
  }

  /** What it is, for help; of a switch, what its other position does. */
  public String meaning() {
    return meaning;
  }

  /** Name that turns a switch off, such as {@code no-bias}. */
  public String negation() {
    return this == TIED ? "untied" : "no-" + key;
  }

  /** Every name that is understood, negations included, with the setting it belongs to. */
  public static Map<String, Setting> byName() {
    Map<String, Setting> names = new LinkedHashMap<>();
    for (Setting setting : values()) {
      names.put(setting.key, setting);
      if (setting.kind == Kind.SWITCH) {
        names.put(setting.negation(), setting);
      }
    }
    return names;
  }

  /** Settings under a heading, in the order of help. */
  public static Setting[] of(Group group) {
    return Arrays.stream(values())
        .filter(setting -> setting.group == group)
        .toArray(Setting[]::new);
  }
}
