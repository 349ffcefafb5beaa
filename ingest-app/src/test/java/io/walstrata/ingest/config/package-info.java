@NullMarked
package io.walstrata.ingest.config;

import org.jspecify.annotations.NullMarked;
