/**
 * Which backend of ND4J a process runs on, CPU or CUDA, found out before any of its native
 * libraries loads. Nothing here touches ND4J, counts an op or knows a model.
 */
@NullMarked
package org.ergometer.runtime.backend;

import org.jspecify.annotations.NullMarked;
