package org.ergometer.accounting.nd4j;

import org.ergometer.accounting.op.OpClass;

/**
 * Work that passes the native seam under a name of its own, in neither of ND4J's lists of ops; its
 * family is {@link org.ergometer.accounting.op.OpFamily#MEMORY}.
 */
enum SeamOp {
  MEMCPY("memcpy", OpClass.DATA_MOVEMENT),
  MEMSET("memset", OpClass.DATA_MOVEMENT),
  CONCAT("specialConcat", OpClass.DATA_MOVEMENT),
  PULL_ROWS("pullRows", OpClass.DATA_MOVEMENT),
  TEAR("tear", OpClass.DATA_MOVEMENT),
  SHUFFLE("shuffle", OpClass.DATA_MOVEMENT),
  CONVERT("convertTypes", OpClass.CAST),
  NUMPY("numpyFromNd4j", OpClass.DATA_MOVEMENT),
  AVERAGE("average", OpClass.UNACCOUNTED),
  ACCUMULATE("accumulate", OpClass.UNACCOUNTED),
  SORT("sort", OpClass.UNACCOUNTED),
  SORT_INDICES("sortCooIndices", OpClass.UNACCOUNTED),
  RAVEL_INDEX("ravelMultiIndex", OpClass.UNACCOUNTED),
  UNRAVEL_INDEX("unravelIndex", OpClass.UNACCOUNTED),
  SCATTER_UPDATE("scatterUpdate", OpClass.UNACCOUNTED),
  SCATTER_ASSIGN("scatterAssign", OpClass.DATA_MOVEMENT),
  ESTIMATE_THRESHOLD("estimateThreshold", OpClass.UNACCOUNTED),
  INSPECT("inspectArray", OpClass.UNACCOUNTED),
  AGGREGATE_BATCH("execAggregateBatch", OpClass.UNACCOUNTED),
  FLAT_GRAPH("executeFlatGraph", OpClass.UNACCOUNTED),
  STORED_GRAPH("executeStoredGraph", OpClass.UNACCOUNTED),
  SCOPED_OP("execCustomOpWithScope", OpClass.UNACCOUNTED);

  private final String label;
  private final OpClass defaultClass;

  SeamOp(String label, OpClass defaultClass) {
    this.label = label;
    this.defaultClass = defaultClass;
  }

  /** Name under which rules are looked up. */
  String label() {
    return label;
  }

  /** What it counts as where no rule is registered: a copy needs none, its FLOPs are 0. */
  OpClass defaultClass() {
    return defaultClass;
  }
}
