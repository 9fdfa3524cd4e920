package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/** Custom ops on pictures and on compressed gradients. */
final class ImageRules {

  private static final String BILINEAR =
      "t = a + (b - a) * u; s = c + (d - c) * u; t + (s - t) * v";

  private ImageRules() {}

  static List<OpRule> all() {
    List<OpRule> rules =
        new RuleList(OpFamily.CUSTOM, OpClass.ELEMENTWISE)
            .perOutput("0.2989 * r + 0.587 * g + 0.114 * b", "rgb_to_grs")
            .perOutput("k * r + l * g + m * b", "rgb_to_yuv", "yuv_to_rgb")
            .perOutput("k * r + l * g + m * b", "rgb_to_yiq", "yiq_to_rgb")
            .perOutput("s + x; (x - m) * f + m", "adjust_contrast", "adjust_contrast_v2")
            .perOutput(BILINEAR, "resize_bilinear", "crop_and_resize")
            .perInput("abs(x) >= t; x - t", "encode_threshold", "encode_bitmap")
            .perGradient("x + t", "decode_threshold")
            .perOutput("x + t", "decode_bitmap")
            .rules();
    rules.addAll(
        new RuleList(OpFamily.CUSTOM, OpClass.DATA_MOVEMENT)
            .moves("nearest elements copied: no arithmetic", "resize_nearest_neighbor")
            .moves("lines drawn over a copy: no arithmetic", "draw_bounding_boxes")
            .rules());
    return rules;
  }
}
