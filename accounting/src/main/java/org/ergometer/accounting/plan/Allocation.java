package org.ergometer.accounting.plan;

/**
 * A model size and a number of tokens to train it on.
 *
 * @param parameters N
 * @param tokens D
 */
public record Allocation(double parameters, double tokens) {

  private static final double FLOPS_PER_PARAMETER_AND_TOKEN = 6;
  private static final double INFERENCE_FLOPS_PER_PARAMETER = 2;

  /** Training compute by C = 6·N·D, the convention of all the laws (Kaplan et al. 2020). */
  public double flops() {
    return FLOPS_PER_PARAMETER_AND_TOKEN * parameters * tokens;
  }

  /** D / N. */
  public double tokensPerParameter() {
    return tokens / parameters;
  }

  /** FLOPs of a forward pass for one token by 2·N (Kaplan et al. 2020, table 1). */
  public double inferenceFlopsPerToken() {
    return INFERENCE_FLOPS_PER_PARAMETER * parameters;
  }

  /** What so many FLOPs buy at a fixed number of tokens for each parameter. */
  static Allocation ofRatio(double flops, double tokensPerParameter) {
    double products = flops / FLOPS_PER_PARAMETER_AND_TOKEN;
    double parameters = Math.sqrt(products / tokensPerParameter);
    return new Allocation(parameters, products / parameters);
  }
}
