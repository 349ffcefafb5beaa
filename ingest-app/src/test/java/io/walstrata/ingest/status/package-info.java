@NullMarked
package io.walstrata.ingest.status;

import org.jspecify.annotations.NullMarked;
