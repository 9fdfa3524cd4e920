package org.ergometer.accounting.predict;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * Feed-forward networks of a block, from which a router chooses some for each token (Shazeer et al.
 * 2017).
 *
 * @param experts networks that the router chooses from; 1 without a mixture of experts
 * @param active networks that each token goes through
 * @param shared networks that every token goes through beside the active ones (Dai et al. 2024)
 * @param denseLayers blocks before the first one that has experts
 * @param denseFeedForward hidden width of their networks; 0 where there are none
 * @param routerBias whether the router has a number for each expert beside its matrix
 */
public record Mixture(
    int experts,
    int active,
    int shared,
    int denseLayers,
    int denseFeedForward,
    boolean routerBias) {

  /** One network in each block, and no router. */
  public static final Mixture NONE = new Mixture(1, 1, 0, 0, 0, false);

  public Mixture {
    TransformerShape.atLeast("experts", experts, 1);
    TransformerShape.atLeast("active-experts", active, 1);
    if (active > experts) {
      throw new InvalidInputException(
          "active-experts must be <= experts, got %s of %s; set --experts or --active-experts"
              .formatted(active, experts));
    }
    if (experts == 1 && (shared != 0 || denseLayers != 0 || routerBias)) {
      throw new InvalidInputException(
          "shared-experts, dense-layers and router-bias belong to a mixture of experts; set"
              + " --experts");
    }
    TransformerShape.atLeast("shared-experts", shared, 0);
    TransformerShape.atLeast("dense-layers", denseLayers, 0);
    if (denseLayers == 0 ? denseFeedForward != 0 : denseFeedForward < 1) {
      throw new InvalidInputException(
          "dense-ffn must be >= 1 where there are dense-layers and 0 elsewhere, got %s; set"
                  .formatted(denseFeedForward)
              + " --dense-ffn");
    }
  }

  /** Whether there is a router at all. */
  public boolean routes() {
    return experts > 1;
  }

  /** Networks of a block with experts that each token goes through. */
  public long networks() {
    return (long) active + shared;
  }

  /**
   * Refuses a number of blocks that leaves none with experts.
   *
   * @throws IllegalArgumentException with value, rule and remedy
   */
  void requireWithin(int layers) {
    if (routes() && denseLayers >= layers) {
      throw new InvalidInputException(
          "dense-layers must be below layers, got %s of %s; set --dense-layers or --layers"
              .formatted(denseLayers, layers));
    }
  }
}
