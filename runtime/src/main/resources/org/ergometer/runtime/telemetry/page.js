"use strict";
(() => {
  /** Names that there are; whatever else a file says is called unknown. */
  const PHASES = ["forward", "backward", "recompute", "update", "evaluation", "other"];
  const CAUSES = ["evaluation", "sampling", "redone", "skipped", "causal_skip", "clipping", "accumulation", "elementwise", "update"];
  const OP_CLASSES = ["matmul", "convolution", "attention", "recurrent", "normalization", "softmax", "elementwise", "reduction",
    "loss", "updater", "random", "cast", "data_movement", "unaccounted"];
  const STATUSES = ["preparing", "running", "completed", "interrupted", "failed"];
  const UNKNOWN = "unknown";
  const known = (names, name) => names.includes(name) ? name : UNKNOWN;
  const POLL_MILLIS = 2000;
  const LONGEST_PAUSE_MILLIS = 30000;
  const RECENT_STEPS = 50;
  const AVERAGED_ROWS = 20;
  const TABLE_ROWS = 25;
  const COLUMNS = 3;
  /** All rows do the same work, so that the mean of rates is all work by all time: that of 1 / rate, and 1 / that. */
  const inverse = (rate) => 1 / rate;
  const TURNED = { tokens_per_second: inverse, flops_per_second: inverse, mfu: inverse };
  const CHARTS = [
    { title: "Loss", unit: "nats per token", format: (v) => v.toFixed(3), smooth: true,
      series: [["loss", "training", "--accent"], ["validation_loss", "held-out", "--second"]] },
    { title: "Throughput", unit: "tokens per second", format: (v) => si(v, ""), zero: true, smooth: true,
      series: [["tokens_per_second", "tokens/s", "--accent"]] },
    { title: "Compute", unit: "FLOP per second, counted", format: (v) => si(v, "FLOP/s"), zero: true, smooth: true,
      series: [["flops_per_second", "FLOP/s", "--forward"]] },
    { title: "Utilization", unit: "MFU, of the peak", format: (v) => percent(v), zero: true, smooth: true,
      series: [["mfu", "MFU", "--evaluation"]] },
    { title: "Power", unit: "watts, whole devices", format: (v) => si(v, "W"), zero: true,
      series: [["watts", "W", "--second"]] },
    { title: "Energy a token", unit: "joules", format: (v) => si(v, "J"), zero: true, smooth: true,
      series: [["joules_per_token", "J/token", "--second"]] },
    { title: "Gradient norm", unit: "before clipping", format: (v) => v.toFixed(2), zero: true, smooth: true,
      series: [["gradient_norm", "norm", "--backward"]] },
    { title: "Learning rate", unit: "", format: (v) => v === 0 ? "0" : v.toExponential(2), zero: true,
      series: [["learning_rate", "rate", "--quiet"]] },
  ];

  const CONVENTIONS = {
    six_n: "6N", eight_n: "8N", kaplan_six_n: "Kaplan, 6N", kaplan: "Kaplan", palm: "PaLM", megatron: "Megatron",
    chinchilla: "Chinchilla", chinchilla_body: "Chinchilla, without embedding and logits", nanogpt: "nanoGPT", llm_c: "llm.c",
    hugging_face: "Hugging Face", flop_counter_mode: "FlopCounterMode",
  };

  const byId = (id) => document.getElementById(id);
  const run = { columns: [], rows: [], samples: [], summary: null, status: "preparing", steps: 0, cursor: "", stepsAPoint: 1 };
  let grouping = "kind";
  let plots = [];
  let shownSample = -1;

  // ---- numbers as text -------------------------------------------------------------------------

  /** Three digits with an SI prefix, such as "38.6 GFLOP/s". */
  function si(value, unit) {
    if (value === 0) return unit ? "0 " + unit : "0";
    const prefixes = ["n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
    let power = Math.floor(Math.log10(Math.abs(value)) / 3);
    if (Math.abs(value) / 1000 ** power >= 999.5) power++;
    power = Math.max(-3, Math.min(8, power));
    const scaled = value / 1000 ** power;
    const digits = Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2;
    return (scaled.toFixed(digits) + " " + prefixes[power + 3] + unit).trim();
  }

  const percent = (ratio, digits = 1) => (100 * ratio).toFixed(digits) + "\u00a0%";
  const whole = (value) => Math.round(value).toLocaleString("en-US");
  const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

  /** A count: beyond 2^53 it is a string of all its digits, with a number beside it. */
  function count(object, key) {
    const twin = object[key + "_double"];
    return twin !== undefined ? twin : Number(object[key] ?? 0);
  }

  function counts(object, key) {
    const numbers = object[key + "_double"] || object[key] || {};
    return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)]));
  }

  function duration(seconds) {
    const all = Math.round(seconds);
    const parts = [Math.floor(all / 86400), Math.floor(all / 3600) % 24, Math.floor(all / 60) % 60, all % 60];
    if (parts[0]) return `${parts[0]} d ${parts[1]} h`;
    if (parts[1]) return `${parts[1]} h ${parts[2]} min`;
    return parts[2] ? `${parts[2]} min ${parts[3]} s` : `${parts[3]} s`;
  }

  const counted = (number, thing) => `${whole(number)} ${thing}${number === 1 ? "" : "s"}`;

  const words = (name) => name.replaceAll("_", " ");

  /** Control characters, and those that turn the direction of text, as their escapes; tabs and line ends stay. */
  const visible = (text) => text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (found) => "\\u" + found.charCodeAt(0).toString(16).padStart(4, "0"));

  /** What was read, with all of its texts so. */
  function shown(value) {
    if (typeof value === "string") return visible(value);
    if (Array.isArray(value)) return value.map(shown);
    return value && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([name, part]) => [visible(name), shown(part)])) : value;
  }

  // ---- elements --------------------------------------------------------------------------------

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "class") made.className = value;
      else if (key === "style") Object.assign(made.style, value);
      else made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  const put = (id, ...children) => byId(id).replaceChildren(...children.filter(Boolean));
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const phaseColor = (phase) => `var(--${phase === UNKNOWN ? "other" : phase})`;

  function facts(id, pairs) {
    put(id, ...pairs.filter(([, value]) => value !== undefined && value !== null && value !== "")
      .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  }

  /** Head cells are texts, or [text, class]; rows start with their head cell. */
  function table(id, caption, head, rows) {
    const cell = (tag, content, extra) => {
      const [text, style] = Array.isArray(content) ? content : [content, ""];
      return element(tag, { ...extra, ...(style ? { class: style } : {}) }, text);
    };
    put(id,
      element("caption", { class: "unseen" }, caption),
      element("thead", {}, element("tr", {}, ...head.map((text) => cell("th", text, { scope: "col" })))),
      element("tbody", {}, ...rows.map(({ cells, sum }) => element("tr", sum ? { class: "sum" } : {},
        ...cells.map((text, index) => cell(index ? "td" : "th", text, index ? {} : { scope: "row" }))))));
  }

  /** A bar of parts, [amount, colour], against what is a full bar. */
  function bar(parts, full, before = 0) {
    const width = (amount) => ({ width: Math.max(0, 100 * amount / full) + "%" });
    return [element("div", { class: "stack", "aria-hidden": "true" },
      before ? element("i", { style: width(before) }) : null,
      ...parts.filter(([amount]) => amount > 0).map(([amount, background]) =>
        element("i", { style: { ...width(amount), background } }))), "bar"];
  }

  // ---- what is known ---------------------------------------------------------------------------

  function take(news) {
    run.columns = news.columns;
    run.rows.length = Math.min(run.rows.length, news.from);
    run.rows.push(...news.rows);
    if (news.samples) run.samples = shown(news.samples);
    run.status = known(STATUSES, news.status);
    run.steps = news.steps;
    run.cursor = news.cursor;
    run.stepsAPoint = news.steps_a_point;
    if (news.summary) run.summary = shown(news.summary);
  }

  /** MFU follows the throughput: the work of a token and the peak stay as they are. */
  function valueOf(row, name) {
    if (name !== "mfu") return row[run.columns.indexOf(name)];
    const mean = run.summary?.throughput?.tokens_per_second;
    const tokens = row[run.columns.indexOf("tokens_per_second")];
    return mean && isNumber(run.summary.utilization?.mfu) && isNumber(tokens) ? run.summary.utilization.mfu * tokens / mean : null;
  }

  const column = (name) => run.rows.map((row) => valueOf(row, name));

  /** Mean of a column over its last known values. */
  function recent(name) {
    const rows = Math.max(AVERAGED_ROWS, Math.min(RECENT_STEPS, RECENT_STEPS / run.stepsAPoint));
    const values = column(name).filter(isNumber).slice(-rows);
    const turned = TURNED[name] ?? ((value) => value);
    return values.length ? turned(values.reduce((sum, value) => sum + turned(value), 0) / values.length) : null;
  }

  function last(name) {
    const values = column(name).filter(isNumber);
    return values.length ? values[values.length - 1] : null;
  }

  const going = () => run.status === "running" || run.status === "preparing";

  // ---- sections --------------------------------------------------------------------------------

  function drawHead() {
    const summary = run.summary;
    const done = last("step") ?? summary?.steps ?? 0;
    const status = byId("status");
    if (status.dataset.status !== run.status) {
      status.dataset.status = run.status;
      status.textContent = run.status;
    }
    if (summary) {
      byId("run").textContent = summary.run_id;
      const model = summary.model;
      byId("model").textContent = `${counted(model.layers, "layer")}, width ${model.width}, ${counted(model.heads, "head")}, context ${model.context}, `
        + `vocabulary ${whole(model.vocabulary)}: ${si(model.parameters, "")} parameters`;
    }
    document.title = `${run.steps ? Math.floor(100 * done / run.steps) + " % · " : ""}${summary?.run_id ?? "Ergometer"}`;
    const ratio = run.steps ? done / run.steps : 0;
    byId("progress").firstElementChild.style.width = 100 * ratio + "%";
    byId("progress").setAttribute("aria-valuenow", Math.floor(100 * ratio));
    const skipped = summary?.skipped_steps ? `, ${whole(summary.skipped_steps)} skipped` : "";
    byId("steps").textContent = run.steps ? `step ${whole(done)} of ${whole(run.steps)}${skipped}` : "";
    const perSecond = recent("tokens_per_second");
    const recipe = summary?.recipe;
    const stepTokens = recipe ? recipe.batch * recipe.accumulate * summary.model.context : null;
    byId("remaining").textContent = run.status === "running" && perSecond && stepTokens && done < run.steps
      ? `about ${duration((run.steps - done) * stepTokens / perSecond)} left` : "";
  }

  function drawFigures() {
    const summary = run.summary || {};
    const live = going();
    const soFar = live ? " so far" : "";
    const speed = (live ? recent("tokens_per_second") : null) ?? summary.throughput?.tokens_per_second ?? null;
    const tokenFlops = recent("flops_per_second") / recent("tokens_per_second");
    const compute = speed !== null && tokenFlops > 0 ? tokenFlops * speed : null;
    const use = summary.utilization || {};
    const scale = live && speed && summary.throughput?.tokens_per_second ? speed / summary.throughput.tokens_per_second : 1;
    const energy = summary.energy || {};
    const watts = recent("watts");
    const loss = last("validation_loss");
    const training = live ? recent("loss") : summary.final_loss ?? last("loss");
    const figures = [
      ["Training loss", training === null || training === undefined ? null : [training.toFixed(3), "nats"],
        training ? `perplexity ${Math.exp(training).toFixed(2)}` : "before the first step"],
      ["Held-out loss", loss === null ? null : [loss.toFixed(3), "nats"],
        loss === null ? "not evaluated yet" : `perplexity ${Math.exp(loss).toFixed(2)}`],
      ["Throughput", speed === null ? null : [si(speed, ""), "tokens/s"],
        summary.tokens ? `${si(summary.tokens, "")} tokens${soFar}` : ""],
      ["Compute", compute === null ? null : [si(compute, "FLOP/s"), ""],
        isNumber(use.mfu) ? `MFU ${percent(use.mfu * scale)} of ${si(use.peak_flops_per_second, "FLOP/s")} (${use.peak_source})` : "no peak, so no MFU"],
      ["Work", summary.flops ? [si(count(summary.flops, "total"), "FLOP"), ""] : null,
        summary.flops ? `${si(count(summary.flops, "matmul") / count(summary.flops, "total") * 100, "")} % in matrix products` : "nothing is counted"],
      ["Energy", isNumber(energy.joules_per_token) ? [si(energy.joules_per_token, "J"), "a token"] : null,
        isNumber(energy.joules)
          ? `${watts ? si(watts, "W") + ", " : ""}${si(energy.joules, "J")}${soFar}${energy.measured ? "" : ", estimated"}`
          : "no sensor can be read here"],
    ];
    put("figures", ...figures.map(([name, value, note]) => element("div", {},
      element("dt", {}, name),
      element("dd", { class: "value" }, ...(value ? parted(value) : ["–"])),
      element("dd", { class: "note" }, note))));
  }

  /** The digits, and what follows them smaller. */
  function parted([text, unit]) {
    const [, digits, rest] = /^([\d.,]+)(.*)$/.exec(text) || ["", text, ""];
    return [digits, element("small", {}, `${rest} ${unit}`)];
  }

  function drawSample() {
    const samples = run.samples;
    byId("sample-section").hidden = samples.length === 0;
    if (!samples.length) return;
    const slider = byId("sample-slider");
    const followed = shownSample < 0 || Number(slider.value) === Number(slider.max);
    slider.max = samples.length - 1;
    slider.hidden = samples.length < 2;
    if (followed) slider.value = samples.length - 1;
    showSample(Number(slider.value));
  }

  function showSample(index) {
    const sample = run.samples[index];
    if (!sample) return;
    shownSample = index;
    byId("sample-step").textContent = `after step ${whole(sample.step)}`;
    byId("sample-slider").setAttribute("aria-valuetext", `after step ${sample.step}`);
    if (byId("sample").textContent !== sample.text) byId("sample").textContent = sample.text;
  }

  function group(layer) {
    const block = /^block\.(\d+)\.?(.*)$/.exec(layer);
    if (grouping === "layer" || !block) return layer === "none" ? "all parameters" : words(layer);
    return grouping === "block" ? `block ${block[1]}` : `${words(block[2] || "block")}, all blocks`;
  }

  function drawWork() {
    const flops = run.summary?.flops;
    byId("work-section").hidden = !flops;
    if (!flops) return;
    const groups = new Map();
    for (const row of flops.by_layer) {
      const name = group(row.layer);
      const sums = groups.get(name) || {};
      const phase = known(PHASES, row.phase);
      sums[phase] = (sums[phase] || 0) + count(row, "flops");
      groups.set(name, sums);
    }
    const phases = [...PHASES, UNKNOWN].filter((phase) => [...groups.values()].some((sums) => sums[phase] > 0));
    put("phases", ...phases.map((phase) => element("li", {}, element("i", { style: { background: phaseColor(phase) } }), phase)));
    const total = (sums) => Object.values(sums).reduce((sum, value) => sum + value, 0);
    const all = count(flops, "total");
    const rows = [...groups].filter(([, sums]) => total(sums) > 0);
    if (grouping === "kind") rows.sort((one, other) => total(other[1]) - total(one[1]));
    const largest = Math.max(...rows.map(([, sums]) => total(sums)));
    const phaseSums = Object.fromEntries(phases.map((phase) =>
      [phase, rows.reduce((sum, [, sums]) => sum + (sums[phase] || 0), 0)]));
    const cells = (name, sums, drawn) => [name, drawn,
      ...phases.map((phase) => [sums[phase] ? si(sums[phase], "") : "–", "wide"]),
      si(total(sums), ""), percent(total(sums) / all)];
    table("work", "FLOPs by layer and phase",
      ["layer", ["", "bar"], ...phases.map((phase) => [phase, "wide"]), "FLOPs", "share"],
      [...rows.map(([name, sums]) => ({
        cells: cells(name, sums, bar(phases.map((phase) => [sums[phase] || 0, phaseColor(phase)]), largest)) })),
      { sum: true, cells: cells("all", phaseSums, ["", "bar"]) }]);
  }

  function drawReconciliation() {
    const summary = run.summary;
    const reconciliation = summary?.reconciliation;
    byId("reconciliation-section").hidden = !reconciliation;
    if (!reconciliation) return;
    const measured = count(reconciliation, "measured");
    const predicted = count(reconciliation, "predicted");
    const residual = count(reconciliation, "residual");
    const causes = new Map();
    for (const cause of reconciliation.causes) {
      const name = known(CAUSES, cause.cause);
      causes.set(name, (causes.get(name) || 0) + count(cause, "flops"));
    }
    let sum = predicted;
    const steps = [...causes].filter(([, flops]) => flops !== 0).map(([cause, flops]) => [cause, flops, sum, sum += flops]);
    const full = Math.max(measured, ...steps.map(([, , from, to]) => Math.max(from, to)), predicted);
    const row = (name, flops, from, to, tone) =>
      ({ cells: [name, bar([[Math.abs(to - from), tone]], full, Math.max(0, Math.min(from, to))), si(flops, ""), percent(flops / measured, 2)] });
    const rows = [row("predicted for the steps", predicted, 0, predicted, "var(--accent)"),
      ...steps.map(([cause, flops, from, to]) =>
        row("+ " + words(cause), flops, from, to, flops < 0 ? "var(--good)" : "var(--second)")),
      row("without a cause", residual, sum, sum + residual, "var(--bad)"),
      { ...row("measured", measured, 0, measured, "var(--quiet)"), sum: true }];
    table("reconciliation", "From predicted to measured FLOPs", ["", ["", "bar"], "FLOPs", "of measured"], rows);
    const verdict = byId("verdict");
    verdict.className = reconciliation.exact ? "verdict" : "verdict open";
    verdict.replaceChildren(element("b", {}, reconciliation.exact ? "Explained to the last FLOP" : "Not all explained"),
      reconciliation.exact ? ", in every layer and phase." : `: ${whole(residual)} FLOPs have no cause.`);
    const conventions = counts(summary.predicted, "conventions");
    table("conventions", "FLOPs of the training steps by published conventions", ["convention", "FLOPs", "to the exact products"],
      Object.entries(conventions).map(([name, flops]) => ({ cells: [CONVENTIONS[name] ?? words(name), si(flops, ""), (flops / predicted).toFixed(3)] })));
  }

  function drawPrecision() {
    const flops = run.summary?.flops;
    byId("precision-section").hidden = !flops;
    if (!flops) return;
    const precision = run.summary.precision || {};
    const types = Object.entries(counts(flops, "by_dtype")).filter(([, value]) => value > 0);
    const total = count(flops, "total");
    const bytes = count(flops, "bytes_read") + count(flops, "bytes_written");
    const mixed = precision.policy !== "float32" && precision.bytes_saved !== undefined;
    const saved = mixed ? count(precision, "bytes_saved") : 0;
    facts("precision", [
      ["Policy", precision.policy],
      ["FLOPs by data type", types.map(([type, value]) => `${type} ${percent(value / total)}`).join(", ")],
      ["Products on 16 bits", mixed ? percent(precision.matmul_16_bit_ratio) : null],
      ["Loss scale", isNumber(precision.loss_scale) ? `${whole(precision.loss_scale)}, ${whole(precision.skipped_steps)} steps skipped` : null],
      ["Bytes read", si(count(flops, "bytes_read"), "B")],
      ["Bytes written", si(count(flops, "bytes_written"), "B")],
      ["Of them by casts", mixed ? si(count(precision, "cast_bytes"), "B") : null],
      [saved < 0 ? "More bytes than in float32" : "Fewer bytes than in float32",
        mixed ? `${si(Math.abs(saved), "B")}, ${percent(Math.abs(saved) / (bytes + saved))}` : null],
      ["Speed-up against float32, measured", isNumber(precision.measured_baseline?.speed_up)
        ? `${precision.measured_baseline.speed_up.toFixed(2)} times` : null],
      ["FLOPs a byte", (total / bytes).toFixed(2)],
      ["Ops without a formula", whole(flops.unaccounted_ops)],
    ]);
    byId("baseline").textContent = mixed && precision.baseline ? `float32: ${precision.baseline}.` : "";
    const largest = Math.max(...(flops.op_classes || []).map((row) => count(row, "bytes")));
    table("classes", "FLOPs and bytes by class of op", ["class of op", ["", "bar"], ["FLOPs", "wide"], "bytes", "FLOP/byte"],
      (flops.op_classes || []).filter((row) => count(row, "bytes") > 0)
        .sort((one, other) => count(other, "bytes") - count(one, "bytes"))
        .map((row) => ({ cells: [words(known(OP_CLASSES, row.op_class)), bar([[count(row, "bytes"), "var(--forward)"]], largest),
          [si(count(row, "flops"), ""), "wide"], si(count(row, "bytes"), "B"), isNumber(row.flops_per_byte) ? row.flops_per_byte.toFixed(2) : "–"] })));
  }

  function drawEnergy() {
    const { energy, emissions, cost, forecast } = run.summary || {};
    byId("energy-section").hidden = !energy;
    if (!energy) return;
    facts("energy", [
      ["Drawn", si(energy.joules, "J")],
      ["How it is known", `${words(energy.method)}, ${energy.measured ? "measured" : "estimated"}, ${percent(energy.coverage, 0)} of the time covered`],
      ["At rest", isNumber(energy.idle_watts) ? si(energy.idle_watts, "W") : null],
      ["FLOPs a joule", isNumber(energy.flops_per_joule) ? si(energy.flops_per_joule, "FLOP/J") : null],
      ["Emissions", emissions ? `${si(emissions.co2e_grams, "g")} CO₂e${emissions.region ? ` (${emissions.region})` : ""}` : null],
      ["Price", cost ? `${cost.usd.toPrecision(3)} USD` : null],
      ["Forecast of the whole run", forecast?.joules && forecast?.seconds
        ? `${si(forecast.joules.expected, "J")}, ${duration(forecast.seconds.expected)}` : null],
    ]);
    const phases = Object.entries(energy.by_phase || {}).map(([phase, joules]) => [known(PHASES, phase), joules])
      .filter(([, joules]) => joules > 0);
    const largest = Math.max(...phases.map(([, joules]) => joules));
    table("energy-phases", "Joules by phase", ["phase", ["", "bar"], "joules", "share"],
      phases.map(([phase, joules]) => ({ cells: [phase, bar([[joules, phaseColor(phase)]], largest), si(joules, "J"), percent(joules / energy.joules)] })));
  }

  function drawEnvironment() {
    const { environment, time, recipe } = run.summary || {};
    byId("environment-section").hidden = !environment;
    if (!environment) return;
    const listed = (value) => Array.isArray(value) ? value.join(", ") : value;
    facts("environment", [
      ["begun", time?.started], ["ended", time?.ended], ["time of work", isNumber(time?.seconds) ? duration(time.seconds) : null],
      ...Object.entries(recipe || {}).map(([name, value]) => [words(name), listed(value)]),
      ...Object.entries(environment).map(([name, value]) => [words(name), value])]);
  }

  // ---- charts ----------------------------------------------------------------------------------

  /** Mean over neighbours on both sides that are known, fewer of them towards the ends. */
  function smoothed(values, name) {
    const turned = TURNED[name] ?? ((value) => value);
    const sums = [0];
    const counts = [0];
    for (const value of values) {
      const known = isNumber(value);
      sums.push(sums[sums.length - 1] + (known ? turned(value) : 0));
      counts.push(counts[counts.length - 1] + (known ? 1 : 0));
    }
    const most = Math.ceil(values.length / 60);
    return values.map((value, at) => {
      const reach = Math.min(most, at, values.length - 1 - at);
      const known = counts[at + reach + 1] - counts[at - reach];
      return isNumber(value) ? turned((sums[at + reach + 1] - sums[at - reach]) / known) : null;
    });
  }

  /** Without the unit, which is in the title, and without zeros at the end. */
  const tick = (chart, value) => chart.format(value).replace(/FLOP\/s$/, "").replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");

  function chartData(chart) {
    const data = [column("step"), ...chart.series.map(([name]) => column(name))];
    if (chart.smooth) data.push(smoothed(data[1], chart.series[0][0]));
    return data;
  }

  function describe(chart, index) {
    const row = run.rows[index];
    if (!row) return "";
    const values = chart.series.map(([name, label]) => [label, valueOf(row, name)]).filter(([, value]) => isNumber(value));
    return `step ${whole(row[0])}: ${values.map(([label, value]) => `${label} ${chart.format(value)}`).join(", ") || "no value"}`;
  }

  function inWords(chart) {
    const values = column(chart.series[0][0]).filter(isNumber);
    return `${chart.title}, ${chart.unit || "by step"}: from ${chart.format(values[0])} to ${chart.format(values[values.length - 1])}, `
      + `lowest ${chart.format(Math.min(...values))}, highest ${chart.format(Math.max(...values))}. Arrow keys read single values.`;
  }

  function makeChart(chart) {
    const plot = element("div", { class: "plot", tabindex: "0", role: "img" });
    const output = element("output", {});
    const box = element("div", { class: "chart" },
      element("div", { class: "chart-head" }, element("h3", {}, chart.title, chart.unit ? element("span", { class: "quiet" }, " · " + chart.unit) : null), output), plot);
    byId("charts").append(box);
    const axis = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const line = (name, width, alpha = "") => ({ stroke: color(name) + alpha, width, spanGaps: true });
    const faint = (index) => chart.smooth && index === 0;
    const series = chart.series.map(([, label, tone], index) => ({ label, ...line(tone, faint(index) ? 1 : 2, faint(index) ? "55" : ""),
      points: { show: index > 0, size: 6, fill: color(tone), stroke: color(tone) } }));
    if (chart.smooth) series.push({ label: "mean", ...line(chart.series[0][2], 2), points: { show: false } });
    const legend = () => chart.series.length > 1
      ? chart.series.flatMap(([, label, tone]) => [element("i", { style: { background: color(tone) } }), label]) : [];
    const made = new uPlot({
      width: Math.max(200, plot.clientWidth || 300), height: 190, padding: [8, null, null, null], legend: { show: false },
      cursor: { sync: { key: "run" }, y: false, points: { size: 7 }, drag: { x: true, y: false } },
      scales: { x: { time: false }, y: { range: (u, low, high) => {
        if (low === null || high === null) return [0, 1];
        const floor = chart.zero ? Math.min(0, low) : low;
        const margin = (high - floor || Math.abs(high) || 1) * 0.08;
        return [chart.zero ? floor : floor - margin, high + margin];
      } } },
      axes: [{ ...axis, size: 28, values: (u, ticks) => ticks.map((v) => Number.isInteger(v) ? whole(v) : "") },
        { ...axis, size: 64, values: (u, ticks) => ticks.map((v) => tick(chart, v)) }],
      series: [{ label: "step" }, ...series],
      hooks: { setCursor: [(u) => {
        if (u.cursor.idx === null || u.cursor.idx === undefined) output.replaceChildren(...legend());
        else output.textContent = describe(chart, u.cursor.idx);
      }] },
    }, chartData(chart), plot);
    output.replaceChildren(...legend());
    plot.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity }[event.key];
      if (steps === undefined) return;
      event.preventDefault();
      const length = run.rows.length;
      const at = Math.max(0, Math.min(length - 1, (made.cursor.idx ?? length - 1) + steps));
      made.setCursor({ left: made.valToPos(run.rows[at][0], "x"), top: 10 });
      byId("readout").textContent = describe(chart, at);
    });
    return { chart, made, plot, box };
  }

  function drawCharts() {
    const wanted = CHARTS.filter((chart) => column(chart.series[0][0]).filter(isNumber).length > 1);
    if (wanted.length !== plots.length) rebuildCharts(wanted);
    for (const { chart, made, plot } of plots) {
      made.setData(chartData(chart));
      plot.setAttribute("aria-label", inWords(chart));
    }
    byId("resolution").textContent = run.stepsAPoint > 1 ? `A point is the mean of ${run.stepsAPoint} steps.` : "";
  }

  /** Steps evenly over the run, the last among them, for who would rather read than look. */
  function drawValues() {
    const last = run.rows.length - 1;
    const count = Math.min(run.rows.length, TABLE_ROWS);
    const picked = Array.from({ length: count }, (none, at) => count > 1 ? Math.round(at * last / (count - 1)) : last);
    const columns = CHARTS.flatMap((chart) => chart.series.map(([name, label]) =>
      ({ name, title: chart.series.length > 1 ? `${chart.title.toLowerCase()}, ${label}` : chart.title.toLowerCase(), format: chart.format })))
      .filter(({ name }) => column(name).some(isNumber));
    /** What is not known of each step (power, held-out loss) is the last that is, since the row before. */
    const newest = (name, from, to) => {
      for (let at = to; at > from; at--) {
        const value = valueOf(run.rows[at], name);
        if (isNumber(value)) return value;
      }
      return null;
    };
    table("values", "Values of the charts by step", ["step", ...columns.map(({ title }) => title)],
      picked.map((at, index) => ({ cells: [whole(run.rows[at][0]), ...columns.map(({ name, format }) => {
        const value = newest(name, index ? picked[index - 1] : -1, at);
        return value === null ? "–" : format(value);
      })] })));
  }

  function rebuildCharts(wanted) {
    plots.forEach(({ made, box }) => { made.destroy(); box.remove(); });
    byId("charts").classList.toggle("broad", wanted.length % COLUMNS !== 0);
    plots = wanted.map(makeChart);
    fitCharts();
  }

  function fitCharts() {
    for (const { made, plot } of plots) {
      const width = Math.floor(plot.clientWidth);
      if (width > 0 && width !== made.width) made.setSize({ width, height: 190 });
    }
  }

  // ---- the whole -------------------------------------------------------------------------------

  function draw() {
    drawHead();
    drawFigures();
    drawCharts();
    drawValues();
    drawSample();
    drawWork();
    drawReconciliation();
    drawPrecision();
    drawEnergy();
    drawEnvironment();
  }

  function notice(text) {
    const shown = byId("notice");
    shown.hidden = !text;
    if (shown.textContent !== text) shown.textContent = text;
  }

  async function poll(pause) {
    let next = POLL_MILLIS;
    try {
      if (!document.hidden) {
        const answer = await fetch("run.json?since=" + run.cursor, { cache: "no-store" });
        if (!answer.ok) throw new Error("status " + answer.status);
        take(await answer.json());
        notice("");
        draw();
      }
    } catch (failure) {
      next = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
      notice(going() ? "The process does not answer; it may have ended. Trying again."
        : "The process has ended. This page stays as it is.");
    }
    setTimeout(() => poll(next), next);
  }

  byId("sample-slider").addEventListener("input", (event) => showSample(Number(event.target.value)));
  byId("grouping").addEventListener("change", (event) => { grouping = event.target.value; drawWork(); });
  addEventListener("resize", fitCharts);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => rebuildCharts(plots.map(({ chart }) => chart)));

  const data = JSON.parse(byId("data").textContent);
  if (data) {
    take(data);
    draw();
  } else {
    poll(POLL_MILLIS);
  }
})();
