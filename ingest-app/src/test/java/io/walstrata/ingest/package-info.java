@NullMarked
package io.walstrata.ingest;

import org.jspecify.annotations.NullMarked;
