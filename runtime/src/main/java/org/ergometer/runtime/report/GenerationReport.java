package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.DecodingWork;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.reconcile.Cause;
import org.ergometer.accounting.reconcile.Explanation;
import org.ergometer.accounting.reconcile.Reconciliation;

/**
 * What writing a text took: counted FLOPs beside those of the closed form, whose difference is of
 * matrix products alone.
 *
 * @param tokens drawn
 * @param seconds that it took
 */
public record GenerationReport(
    TransformerShape shape, DecodingWork work, int tokens, double seconds, LedgerSnapshot ledger) {

  private BigInteger predicted() {
    return MatrixProducts.decoding(shape, work, Phase.OTHER).flops();
  }

  private BigInteger residual() {
    Explanation sampling =
        new Explanation.Predicted(
            Cause.SAMPLING, MatrixProducts.decoding(shape, work, Phase.OTHER));
    return Reconciliation.of(ledger, MatrixProducts.NONE, List.of(sampling)).residual();
  }

  /** In one line. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "%s, %s tokens/s; %s FLOPs counted, %s each; matrix products measured without explanation: %s",
        Counted.of(tokens, "token"),
        Figure.of(Math.round(tokens / seconds * 10) / 10.0),
        Figure.count(ledger.flops().doubleValue()),
        Figure.count(ledger.flops().doubleValue() / tokens),
        residual());
  }

  /** The figures as one object. */
  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("tokens", tokens).put("tokens_per_second", tokens / seconds);
    ObjectNode flops = json.putObject("flops");
    ExactJson.put(flops, "total", ledger.flops());
    ExactJson.put(flops, "matmul", ledger.matmulFlops());
    flops.put("per_token", ledger.flops().doubleValue() / tokens);
    ExactJson.put(flops, "predicted", predicted());
    ExactJson.put(flops, "residual", residual());
    return json;
  }
}
