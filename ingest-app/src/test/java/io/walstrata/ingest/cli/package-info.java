@NullMarked
package io.walstrata.ingest.cli;

import org.jspecify.annotations.NullMarked;
