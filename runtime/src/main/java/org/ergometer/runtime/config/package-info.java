/**
 * What a run is asked to do: settings from defaults, a YAML file and flags, merged and validated
 * before anything starts. Nothing here parses a command line or knows a model.
 */
@NullMarked
package org.ergometer.runtime.config;

import org.jspecify.annotations.NullMarked;
