package org.ergometer.accounting.flops;

import java.util.List;

/**
 * A custom op of ND4J that has no rule, and why: executed, it is counted as unaccounted. No layer,
 * loss or updater of DL4J reaches one; a test runs them all.
 */
record UnformulatedOp(String name, String reason) {

  private static final String ITERATIVE = "an iteration whose length depends on the numbers";
  private static final String TREE = "walks over a structure that its shapes do not tell";
  private static final String SELECTION = "how many boxes meet depends on the numbers";
  private static final String WORDS = "samples and vocabulary paths are in its arguments";
  private static final String INTERPOLATION = "the method, and with it the arithmetic, varies";
  private static final String COLOUR = "branches on each pixel's colour";
  private static final String ALIGNMENT = "sums over alignments of lengths that are in its inputs";

  static final List<UnformulatedOp> ALL =
      List.of(
          new UnformulatedOp("adjust_hue", COLOUR),
          new UnformulatedOp("adjust_saturation", COLOUR),
          new UnformulatedOp("barnes_edge_forces", TREE),
          new UnformulatedOp("barnes_gains", TREE),
          new UnformulatedOp("barnes_symmetrized", TREE),
          new UnformulatedOp("cbow", WORDS),
          new UnformulatedOp("cell_contains", TREE),
          new UnformulatedOp("ctc_beam", ALIGNMENT),
          new UnformulatedOp("ctc_loss", ALIGNMENT),
          new UnformulatedOp("ctc_loss_grad", ALIGNMENT),
          new UnformulatedOp("eig", ITERATIVE),
          new UnformulatedOp("firas_sparse", TREE),
          new UnformulatedOp("hsv_to_rgb", COLOUR),
          new UnformulatedOp("image_resize", INTERPOLATION),
          new UnformulatedOp("knn_mindistance", TREE),
          new UnformulatedOp("non_max_suppression", SELECTION),
          new UnformulatedOp("non_max_suppression_overlaps", SELECTION),
          new UnformulatedOp("non_max_suppression_v3", SELECTION),
          new UnformulatedOp("resize_area", INTERPOLATION),
          new UnformulatedOp("resize_bicubic", INTERPOLATION),
          new UnformulatedOp("resize_images", INTERPOLATION),
          new UnformulatedOp("rgb_to_hsv", COLOUR),
          new UnformulatedOp("skipgram", WORDS),
          new UnformulatedOp("sqrtm", ITERATIVE),
          new UnformulatedOp("svd", ITERATIVE));
}
