/**
 * The HTTP interface: pages, layers and timelines as JSON, errors with stable codes, health. It
 * does not depend on Kafka: the job implements {@link io.walstrata.ingest.http.LayerReads}, {@link
 * io.walstrata.ingest.http.Peers} and {@link io.walstrata.ingest.http.Health}.
 *
 * <p>{@code HttpApi} routes a request, as an {@code Exchange}; {@code ReadRoutes} reads here, or
 * from another instance by {@code Forwarding} and {@code PeerClient}; {@code Errors} makes every
 * error answer.
 */
@NullMarked
package io.walstrata.ingest.http;

import org.jspecify.annotations.NullMarked;
