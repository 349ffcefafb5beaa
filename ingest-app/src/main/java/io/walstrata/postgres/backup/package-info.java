/**
 * The files of a cluster, as a base backup has them, and the keys and images that they become: a
 * plain backup, a tar, or whatever else lists and reads files. Knows nothing of Kafka or SQL.
 */
@NullMarked
package io.walstrata.postgres.backup;

import org.jspecify.annotations.NullMarked;
