package org.ergometer.accounting.predict;

import java.math.BigInteger;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * A published way to say what training on D tokens costs in FLOPs. They disagree about attention,
 * embeddings and which parameters count; each is given here as its authors wrote it, in exact
 * integers.
 *
 * <p>Symbols: {@code N} parameters, {@code L} layers, {@code d} width, {@code H} heads, {@code k}
 * head width, {@code a = H·k}, {@code f} feed-forward width, {@code T} context, {@code V}
 * vocabulary, {@code D} tokens.
 */
public enum Convention {
  /**
   * 6·N·D over all parameters, no attention term (Brown et al. 2020, appendix D); of a mixture of
   * experts, over those that a token meets.
   */
  SIX_N("6·N·D, all parameters that a token meets", "Brown et al. 2020, appendix D") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return sum(product(6, shape.activeParameters()));
    }
  },
  /**
   * 8·N·D: the same where every activation is recomputed, a third forward pass more (Narayanan et
   * al. 2021, section 5.1, for the time of a training run).
   */
  EIGHT_N(
      "8·N·D, all parameters that a token meets, everything recomputed",
      "Narayanan et al. 2021, section 5.1") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return sum(product(8, shape.activeParameters()));
    }
  },
  /**
   * 6·N·D with N = 2·d·L·(2·a + f), matrices of the blocks alone (Kaplan et al. 2020, section 2.1):
   * for d much larger than T/12.
   */
  KAPLAN_SIX_N("6·N·D, matrices of the blocks alone", "Kaplan et al. 2020, section 2.1") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return sum(product(6, shape.activeBlockMatrices()));
    }
  },
  /**
   * 3·(2·N + 2·L·T·a)·D with N = 2·d·L·(2·a + f), matrices of the blocks alone (Kaplan et al. 2020,
   * table 1). The well-known 6·N·D drops the attention term of this.
   */
  KAPLAN("(6·N + 6·L·T·a)·D, matrices of the blocks alone", "Kaplan et al. 2020, table 1") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return sum(product(6, shape.activeBlockMatrices()), fullAttention(6, shape));
    }
  },
  /**
   * (6·N + 12·L·H·k·T)·D (Chowdhery et al. 2022, appendix B). N leaves learned position embeddings
   * out: PaLM has none, and they take no product.
   */
  PALM("(6·N + 12·L·H·k·T)·D, N without position embeddings", "Chowdhery et al. 2022, appendix B") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return sum(product(6, shape.activeParameters() - positions(shape)), fullAttention(12, shape));
    }
  },
  /**
   * 72·D·L·d²·(1 + T/(6·d) + V/(12·L·d)): Narayanan et al. 2021, equation 3, without recomputation;
   * f = 4·d is taken for granted. The printed V/(16·L·d) belongs to the form with recomputation.
   */
  MEGATRON(
      "72·D·L·d²·(1 + T/(6·d) + V/(12·L·d)); with recomputation 96 and V/(16·L·d), or, of attention"
          + " alone, T/(3·d)",
      "Narayanan et al. 2021, equation 3; Korthikanti et al. 2022, equation 7") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return megatron(shape, 72, 12);
    }
  },
  /**
   * Forward 2·V·d + L·(6·d·a + 2·T·a + 3·H·T + 2·T·a + 2·a·d + 4·d·f) + 2·d·V per token, times 3
   * (Hoffmann et al. 2022, appendix F): embedding as a dense product, softmax 3 per score.
   */
  CHINCHILLA(
      "3 times every forward product, the embedding and the softmax",
      "Hoffmann et al. 2022, appendix F") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return sum(
          product(6, shape.vocabulary(), shape.width()),
          CHINCHILLA_BODY.perToken(shape),
          product(6, shape.width(), shape.vocabulary()));
    }
  },
  /** {@link #CHINCHILLA} without embedding and logits, as the paper's own comparison table is. */
  CHINCHILLA_BODY(
      "the same without embedding and logits", "Hoffmann et al. 2022, appendix F, table A4") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return sum(
          product(3, shape.layers(), 2, shape.qkvWeights()),
          product(3, shape.layers(), 2, shape.context(), shape.queryWidth()),
          product(3, shape.layers(), 3, shape.heads(), shape.context()),
          product(3, shape.layers(), 2, shape.context(), shape.valueWidth()),
          product(3, shape.layers(), 2, shape.valueWidth(), shape.width()),
          product(3, 2, shape.activeFeedForwardMatrices()));
    }
  },
  /** (6·N + 12·L·H·k·T)·D, N without position embeddings (nanoGPT, {@code estimate_mfu}). */
  NANOGPT("(6·N + 12·L·H·k·T)·D, N without position embeddings", "nanoGPT, estimate_mfu") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return PALM.perToken(shape);
    }
  },
  /**
   * (6·N + 6·L·d·T)·D over all parameters: attention at half (llm.c, {@code gpt2_estimate_mfu}).
   */
  LLM_C("(6·N + 6·L·d·T)·D", "llm.c, gpt2_estimate_mfu") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return sum(
          product(6, shape.activeParameters()),
          product(6, shape.layers(), shape.width(), shape.context()));
    }
  },
  /**
   * 6·N·D with N without token and position embeddings, no attention term (Hugging Face
   * Transformers, {@code floating_point_ops}); an untied head is a layer there, and counts.
   */
  HUGGING_FACE(
      "6·N·D, N without embeddings, an untied head within",
      "Hugging Face Transformers, floating_point_ops") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      long head = shape.tied() ? 0 : (long) shape.vocabulary() * shape.width();
      long idle = shape.parameters() - shape.activeParameters();
      return sum(product(6, shape.nonEmbeddingParameters() - idle + head));
    }
  },
  /**
   * What PyTorch's {@code FlopCounterMode} adds up: the executed products, with fused attention,
   * whose backward pass computes the scores once more: of each score 4 FLOPs per channel forward,
   * 10 backward; where keys and values differ in width, 8 per channel of the one and 6 of the
   * other.
   */
  FLOP_COUNTER_MODE(
      "executed products, fused attention with 4 forward and 10 backward",
      "PyTorch, FlopCounterMode") {
    @Override
    BigInteger perToken(TransformerShape shape) {
      return sum(
          product(6, shape.activeBlockMatrices()),
          product(6, shape.width(), shape.vocabulary()),
          product(
              shape.layers(), shape.context(), 8 * shape.queryWidth() + 6 * shape.valueWidth()));
    }
  };

  private final String key = name().toLowerCase(Locale.ROOT);
  private final String formula;
  private final String source;

  Convention(String formula, String source) {
    this.formula = formula;
    this.source = source;
  }

  /** The convention in one line, for people. */
  public String formula() {
    return formula;
  }

  /** Who published it, and where. */
  public String source() {
    return source;
  }

  /** Name used in JSON, such as {@code six_n}. */
  public String key() {
    return key;
  }

  /** FLOPs of training on {@code tokens} tokens in sequences of the shape's full context. */
  public BigInteger flops(TransformerShape shape, BigInteger tokens) {
    return perToken(shape).multiply(nonNegative(tokens));
  }

  /** Every convention's FLOPs of a whole run, in declaration order. */
  public static Map<Convention, BigInteger> ofRun(TransformerShape shape, BigInteger tokens) {
    Map<Convention, BigInteger> flops = new EnumMap<>(Convention.class);
    for (Convention convention : values()) {
      flops.put(convention, convention.flops(shape, tokens));
    }
    return flops;
  }

  /**
   * The same where the run recomputes: {@link #MEGATRON} has a form of its own for each kind, and
   * the others leave recomputation out.
   */
  public static Map<Convention, BigInteger> ofRun(
      TransformerShape shape, BigInteger tokens, Recompute recompute) {
    Map<Convention, BigInteger> flops = ofRun(shape, tokens);
    switch (recompute) {
      case NONE -> {}
      case FULL -> flops.put(MEGATRON, megatronWithRecompute(shape, tokens));
      case ATTENTION -> flops.put(MEGATRON, megatronSelective(shape, tokens));
    }
    return flops;
  }

  /** The conventions that follow from a number of parameters alone; the others are absent. */
  public static Map<Convention, BigInteger> ofRun(BigInteger parameters, BigInteger tokens) {
    Map<Convention, BigInteger> flops = new EnumMap<>(Convention.class);
    BigInteger product = nonNegative(parameters).multiply(nonNegative(tokens));
    flops.put(SIX_N, product.multiply(BigInteger.valueOf(6)));
    flops.put(EIGHT_N, product.multiply(BigInteger.valueOf(8)));
    return flops;
  }

  /**
   * Megatron's figure when every activation is recomputed: 96·D·L·d²·(1 + T/(6·d) + V/(16·L·d)),
   * Narayanan et al. 2021, equation 3 as printed.
   */
  public static BigInteger megatronWithRecompute(TransformerShape shape, BigInteger tokens) {
    return megatron(shape, 96, 16).multiply(nonNegative(tokens));
  }

  /**
   * Megatron's figure when attention alone is recomputed: 72·D·L·d²·(1 + T/(3·d) + V/(12·L·d)),
   * Korthikanti et al. 2022, equation 7's hardware FLOPs.
   */
  public static BigInteger megatronSelective(TransformerShape shape, BigInteger tokens) {
    return sum(
            product(72, shape.layers(), shape.width(), shape.width()),
            product(24, shape.layers(), shape.context(), shape.width()),
            product(6, shape.width(), shape.vocabulary()))
        .multiply(nonNegative(tokens));
  }

  /** FLOPs per trained token. */
  abstract BigInteger perToken(TransformerShape shape);

  /** The bracket multiplied out, so that nothing is divided: V's term is 6·d·V either way. */
  private static BigInteger megatron(TransformerShape shape, long matrices, long attention) {
    return sum(
        product(matrices, shape.layers(), shape.width(), shape.width()),
        product(attention, shape.layers(), shape.context(), shape.width()),
        product(6, shape.width(), shape.vocabulary()));
  }

  /**
   * {@code factor}·L·a·T with a = H·k; where queries and values have widths of their own, half of
   * it of each.
   */
  private static BigInteger fullAttention(long factor, TransformerShape shape) {
    return product(
        factor / 2, shape.layers(), shape.queryWidth() + shape.valueWidth(), shape.context());
  }

  private static long positions(TransformerShape shape) {
    return (long) shape.positionRows() * shape.width();
  }

  private static BigInteger product(long... factors) {
    BigInteger product = BigInteger.ONE;
    for (long factor : factors) {
      product = product.multiply(BigInteger.valueOf(factor));
    }
    return product;
  }

  private static BigInteger sum(BigInteger... terms) {
    BigInteger sum = BigInteger.ZERO;
    for (BigInteger term : terms) {
      sum = sum.add(term);
    }
    return sum;
  }

  private static BigInteger nonNegative(BigInteger count) {
    if (count.signum() < 0) {
      throw new InvalidInputException("tokens and parameters must be >= 0, got " + count);
    }
    return count;
  }
}
