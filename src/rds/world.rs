//! The resources of one account.

use std::collections::BTreeMap;

use dashmap::DashMap;

use super::{Instance, SecurityGroup};
use crate::api::{Error, ErrorCode, Result, shortened};

/// DB instances, which calls change, and the ECS security groups they may be added to.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// Read, check and replace of an instance happen under the lock of its one entry. Copies come out and closures go
    /// in, so that nobody can call back into the map while holding a guard of it, which would hang.
    instances: DashMap<String, Instance>,
    /// The account's security groups. None at all means that any well-formed id exists.
    security_groups: BTreeMap<String, SecurityGroup>,
}

impl World {
    pub(crate) fn new(
        instances: impl IntoIterator<Item = Instance>,
        security_groups: impl IntoIterator<Item = SecurityGroup>,
    ) -> Self {
        Self {
            instances: instances.into_iter().map(|instance| (instance.id.clone(), instance)).collect(),
            security_groups: security_groups.into_iter().map(|group| (group.id.clone(), group)).collect(),
        }
    }

    /// A copy of the instance, or the refusal of an unknown id.
    pub(crate) fn instance(&self, id: &str) -> Result<Instance> {
        self.instances.get(id).map(|instance| instance.clone()).ok_or_else(|| unknown_instance(id))
    }

    /// A copy of every instance, sorted by id.
    pub(crate) fn instances(&self) -> Vec<Instance> {
        let mut instances: Vec<_> = self.instances.iter().map(|instance| instance.clone()).collect();
        instances.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        instances
    }

    /// Changes an instance in one step. `check` sees it and may refuse, `commit` gets what `check` returned and may only
    /// change: the types leave a refused call no way to change anything.
    pub(crate) fn change<C, T>(
        &self,
        id: &str,
        check: impl FnOnce(&Instance) -> Result<C>,
        commit: impl FnOnce(&mut Instance, C) -> T,
    ) -> Result<T> {
        let mut instance = self.instances.get_mut(id).ok_or_else(|| unknown_instance(id))?;
        let checked = check(&instance)?;
        Ok(commit(&mut instance, checked))
    }

    /// Refuses groups that the instance can't be added to: unknown ones, and those of another network type or region.
    /// Where the account lists no security groups, there are none to refuse.
    pub(crate) fn check_security_groups(&self, instance: &Instance, ids: &[String]) -> Result<()> {
        if self.security_groups.is_empty() {
            return Ok(());
        }
        for id in ids {
            let Some(group) = self.security_groups.get(id) else {
                return Err(Error::from(ErrorCode::InvalidSecurityGroupIdNotFound)
                    .hint(format!("the account has no security group {}", shortened(id))));
            };
            if group.region_id != instance.region_id {
                let (theirs, ours) = (&group.region_id, &instance.region_id);
                return Err(Error::from(ErrorCode::SecurityGroupRegionMismatch)
                    .hint(format!("{id} is in {theirs}, the instance in {ours}")));
            }
            if group.network_type != instance.instance_network_type {
                let (theirs, ours) = (group.network_type.word(), instance.instance_network_type.word());
                return Err(Error::from(ErrorCode::SecurityGroupNetworkTypeMismatch)
                    .hint(format!("{id} is of type {theirs}, the instance of type {ours}")));
            }
        }
        Ok(())
    }

    /// A copy of every security group, sorted by id.
    pub(crate) fn security_groups(&self) -> Vec<SecurityGroup> {
        self.security_groups.values().cloned().collect()
    }

    /// The name of a security group; empty when the account lists none of that id.
    pub(crate) fn security_group_name(&self, id: &str) -> &str {
        self.security_groups.get(id).map_or("", |group| &group.name)
    }
}

fn unknown_instance(id: &str) -> Error {
    Error::from(ErrorCode::InvalidDbInstanceIdNotFound)
        .hint(format!("the account of this access key has no instance {:?}", shortened(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        let instance = serde_json::from_str(r#"{"DBInstanceId":"rm-1"}"#).unwrap();
        World::new([instance], [])
    }

    #[test]
    fn a_change_is_made_only_if_its_check_agrees() {
        let world = world();
        let add = |instance: &mut Instance, id: &str| instance.security_group_ids.push(id.to_owned());
        let refused = world.change("rm-1", |_| Err(ErrorCode::InternalError.into()), add);
        assert!(refused.is_err());
        assert!(world.instance("rm-1").unwrap().security_group_ids.is_empty());
        world.change("rm-1", |_| Ok("sg-1"), add).unwrap();
        assert_eq!(world.instance("rm-1").unwrap().security_group_ids, ["sg-1"]);
        assert!(world.change("rm-2", |_| Ok("sg-1"), add).is_err());
    }
}
