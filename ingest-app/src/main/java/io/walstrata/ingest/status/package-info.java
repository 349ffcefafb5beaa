/** The state of this instance as health, status page, metrics and log lines. */
@NullMarked
package io.walstrata.ingest.status;

import org.jspecify.annotations.NullMarked;
