@NullMarked
package io.walstrata.ingest.it;

import org.jspecify.annotations.NullMarked;
