package io.walstrata.layerstore.home;

import java.io.IOException;

/** Another owner has claimed the home. The message names the home and the owner. */
public final class HomeClaimedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String location;
  private final String owner;

  /**
   * @param location the home
   * @param owner the process that owns it, as far as is known
   */
  public HomeClaimedException(String location, String owner) {
    this(location, owner, "");
  }

  private HomeClaimedException(String location, String owner, String waited) {
    super(
        "layers belong to another owner; stop it, or wait until it releases them: home="
            + location
            + ", owner="
            + owner
            + waited);
    this.location = location;
    this.owner = owner;
  }

  /** Returns this exception with the time that was waited for the owner. */
  public HomeClaimedException after(long waitedMs) {
    return new HomeClaimedException(location, owner, ", waitedMs=" + waitedMs);
  }
}
