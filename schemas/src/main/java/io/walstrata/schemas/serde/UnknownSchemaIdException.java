package io.walstrata.schemas.serde;

import org.jspecify.annotations.Nullable;

/** The registry answered that it has no schema with the id that the message names. */
public final class UnknownSchemaIdException extends BadMessageException {
  private static final long serialVersionUID = 1L;

  private final int schemaId;
  private final @Nullable String answer;

  public UnknownSchemaIdException(int schemaId, @Nullable String answer) {
    super(
        "schema id not in the registry: schemaId=" + schemaId + ", answer=" + answer,
        /* cause= */ null);
    this.schemaId = schemaId;
    this.answer = answer;
  }

  public int schemaId() {
    return schemaId;
  }

  /** Returns the registry's answer. */
  @Nullable String answer() {
    return answer;
  }
}
