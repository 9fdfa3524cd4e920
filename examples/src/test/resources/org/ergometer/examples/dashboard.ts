// What a dashboard of ours is in the types that Grafana publishes as @grafana/schema, for the panels that are used here.
import type * as schema from "@grafana/schema";
import type * as barchart from "@grafana/schema/dist/esm/raw/composable/barchart/panelcfg/x/BarChartPanelCfg_types.gen";
import type * as bargauge from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

/** A type as JSON shows it: an enum by its values. */
type Json<T> = unknown extends T
  ? T
  : T extends string
    ? `${T}`
    : T extends number
      ? `${T}` extends `${infer N extends number}` ? N : never
      : T extends object
        ? { [K in keyof T]: Json<T[K]> }
        : T;

/** Options that are left out have defaults. */
type Defaulted<T> = T extends object ? { [K in keyof T]?: Defaulted<T[K]> } : T;

/** Of the Prometheus data source, which @grafana/schema leaves open. */
type PrometheusQuery = schema.DataQuery & {
  expr: string;
  editorMode: "code";
  legendFormat?: string;
  range?: boolean;
  instant?: boolean;
  format?: "time_series" | "table" | "heatmap";
};

type Panel<Type extends string, Options, Custom = unknown> =
  Omit<schema.Panel, "type" | "options" | "targets" | "fieldConfig"> & {
    type: Type;
    title: string;
    gridPos: schema.GridPos;
    targets: PrometheusQuery[];
    options: Defaulted<Options>;
    fieldConfig: Omit<schema.FieldConfigSource, "defaults"> & {
      defaults: Omit<schema.FieldConfig, "custom"> & { custom?: Defaulted<Custom> };
    };
  };

export type Dashboard = Json<
  Omit<schema.Dashboard, "panels"> & {
    panels: Array<
      | Panel<"timeseries", timeseries.Options, timeseries.FieldConfig>
      | Panel<"stat", stat.Options>
      | Panel<"barchart", barchart.Options, barchart.FieldConfig>
      | Panel<"bargauge", bargauge.Options>
      | Panel<"table", table.Options, schema.TableFieldOptions>
    >;
  }
>;
