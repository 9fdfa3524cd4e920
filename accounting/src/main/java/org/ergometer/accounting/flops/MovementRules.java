package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/** Custom ops that move, name or create data: 0 FLOPs, and the bytes they touch. */
final class MovementRules {

  private static final String COPY = "a copy in another shape or order: no arithmetic";
  private static final String PART = "a copy of a part: no arithmetic";
  private static final String CONSTANT = "filled without arithmetic";
  private static final String SHAPE = "reads a shape, not the elements";
  private static final String LIST = "a list of tensors changes hands: no arithmetic";

  private MovementRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = copies();
    rules.addAll(parts());
    rules.addAll(constants());
    rules.addAll(casts());
    return rules;
  }

  private static List<OpRule> copies() {
    return new RuleList(OpFamily.CUSTOM, OpClass.DATA_MOVEMENT)
        .moves(
            COPY,
            names(
                """
                reshape reshapeas permute transpose expand_dims squeeze flatten flatten_2d
                concat stack parallel_stack unstack split split_v tear tile repeat tile_to_shape
                broadcast_to meshgrid pad mirror_pad reverse reverse_sequence roll
                space_to_batch space_to_batch_nd batch_to_space batch_to_space_nd space_to_depth
                depth_to_space invert_permutation dynamic_partition dynamic_partition_bp
                dynamic_stitch diag matrix_diag matrix_set_diag matrix_band_part triu
                select identity identity_n stop_gradient order
                onehot bitcast Switch where_np Where print_variable
                compat_sparse_to_dense compat_string_split split_string"""))
        .rules();
  }

  private static List<OpRule> parts() {
    return new RuleList(OpFamily.CUSTOM, OpClass.DATA_MOVEMENT)
        .moves(Touched.LAST_INPUT_ONLY, "a copy over the first input: no arithmetic", "assign")
        .moves(
            Touched.OUTPUT_OF_FIRST_INPUT,
            PART,
            names(
                """
                gather gather_nd embedding_lookup slice strided_slice diag_part matrix_diag_part
                random_crop"""))
        .moves(
            Touched.UPDATES,
            "rows replaced in place: no arithmetic",
            "scatter_upd",
            "scatter_nd_update")
        .moves(
            Touched.ALL_BUT_FIRST_INPUT,
            "written into zeros: no arithmetic",
            "slice_bp",
            "strided_slice_bp")
        .moves(
            Touched.ALL_BUT_FIRST_INPUT,
            "the gradient copied to where each element went: no arithmetic",
            "reduce_sum_bp",
            "segment_sum_bp",
            "unsorted_segment_sum_bp",
            "identity_bp",
            "reverse_bp",
            "triu_bp")
        .moves(Touched.LAST_INPUT_ONLY, "parts of the gradient copied: no arithmetic", "concat_bp")
        .moves(
            Touched.OUTPUT_ONLY,
            "gradients of zeros: no arithmetic",
            "floordiv_bp",
            "mod_bp",
            "reversemod_bp")
        .moves(
            Touched.NOTHING,
            LIST,
            "create_list",
            "read_list",
            "write_list",
            "pick_list",
            "size_list",
            "clone_list",
            "delete_list")
        .moves(LIST, "stack_list", "unstack_list", "split_list", "scatter_list", "gather_list")
        .moves(
            Touched.NOTHING,
            "no element is touched",
            names(
                """
                noop create_view expose set_seed get_seed print_affinity Assert Conditional
                invoke"""))
        .moves(
            "a test of the native library: no arithmetic worth the name",
            "testcustom",
            "test_output_reshape",
            "testreduction",
            "TestOp2i2o",
            "test_scalar")
        .rules();
  }

  private static List<OpRule> constants() {
    return new RuleList(OpFamily.CUSTOM, OpClass.DATA_MOVEMENT)
        .moves(
            Touched.OUTPUT_ONLY,
            CONSTANT,
            names(
                """
                fill fill_as zeros_as ones_as create eye tri min_max_datatype"""))
        .moves(
            Touched.OUTPUT_ONLY,
            SHAPE,
            names(
                """
                shape_of shapes_of set_shape size size_at rank broadcast_dynamic_shape
                broadcastgradientargs evaluate_reduction_shape is_numeric_tensor"""))
        .rules();
  }

  private static List<OpRule> casts() {
    return new RuleList(OpFamily.CUSTOM, OpClass.CAST)
        .moves(
            "a conversion of type is no arithmetic",
            names(
                """
                cast to_double to_float16 to_float32 to_int32 to_int64 to_uint32 to_uint64"""))
        .rules();
  }

  private static String[] names(String list) {
    return list.split("\\s+");
  }
}
