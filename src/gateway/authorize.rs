//! What the caller's access key may do.

use super::authenticate::Caller;
use super::request::Request;
use crate::account::Denial;
use crate::api::{AccessDenied, Error, ErrorCode, Product, Result};

/// Refuses an action that the caller's key may not do on the resource that the call names.
pub(super) fn authorize(product: &Product, caller: &Caller, action: &str, request: &Request<'_>) -> Result<()> {
    let account = &caller.account;
    let access_key_id = request.access_key_id().unwrap_or_default();
    let Some(key) = account.keys.get(access_key_id) else { return Ok(()) };
    if key.permissions.are_unlimited() {
        return Ok(());
    }
    let action = format!("{}:{action}", product.ram_code);
    let resource = resource(product, caller, request);
    let Some(denial) = key.permissions.denial(&action, &resource) else { return Ok(()) };
    let kind = match denial {
        Denial::Implicit => "ImplicitDeny",
        Denial::Explicit => "ExplicitDeny",
    };
    Err(Error::from(ErrorCode::ForbiddenRam)
        .hint(format!("{kind}: {action} on {resource}"))
        .access_denied(AccessDenied::new(kind, &account.id, access_key_id, action, &resource)))
}

/// `acs:rds:{region}:{account}:dbinstance/{id}`, with `*` for what the call leaves open, as in the RAM guide.
fn resource(product: &Product, caller: &Caller, request: &Request<'_>) -> String {
    let id = request.params.get_filled("DBInstanceId").unwrap_or("*");
    let region = caller.account.world.instance(id).ok().map(|instance| instance.region_id);
    let region = region.as_deref().or_else(|| request.params.get_filled("RegionId")).unwrap_or("*");
    format!("acs:{}:{region}:{}:dbinstance/{id}", product.ram_code, caller.account.id)
}
