package org.ergometer.accounting.predict;

/** Names under which a transformer's work is booked, the same in measurement and prediction. */
public final class LayerNames {

  /** Token and position look-up, and their sum. */
  public static final String EMBEDDING = "embedding";

  /** Norm after the last block. */
  public static final String FINAL_NORM = "final_norm";

  /** The product with the vocabulary matrix. */
  public static final String HEAD = "head";

  /** Softmax cross-entropy over the vocabulary and its gradient. */
  public static final String LOSS = "loss";

  private LayerNames() {}

  /** Norm before a block's attention. */
  public static String attentionNorm(int block) {
    return "block." + block + ".attention_norm";
  }

  /** Norm of a block's queries, where they have one. */
  public static String queryNorm(int block) {
    return "block." + block + ".query_norm";
  }

  /** Norm of a block's keys, where they have one. */
  public static String keyNorm(int block) {
    return "block." + block + ".key_norm";
  }

  /** A block's attention: projections, scores, softmax, weighted sum, residual sum. */
  public static String attention(int block) {
    return "block." + block + ".attention";
  }

  /** Norm before a block's feed-forward network. */
  public static String feedForwardNorm(int block) {
    return "block." + block + ".feed_forward_norm";
  }

  /** A block's feed-forward network: its products, what is between them, residual sum. */
  public static String feedForward(int block) {
    return "block." + block + ".feed_forward";
  }
}
