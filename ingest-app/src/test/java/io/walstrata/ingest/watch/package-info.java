@NullMarked
package io.walstrata.ingest.watch;

import org.jspecify.annotations.NullMarked;
