//! The contents page: one line for each emulated action, one file beside it.

use crate::api::Entry;

mod instance_fields;
mod security_group_configuration;

macro_rules! index {
    ($($file:ident :: $action:ident,)*) => {
        $(mod $file;)*

        /// Every emulated action, sorted by name.
        pub(crate) static INDEX: &[Entry] = &[$(Entry::of::<$file::$action>()),*];
    };
}

index! {
    describe_db_instance_attribute::DescribeDBInstanceAttribute,
    describe_db_instances::DescribeDBInstances,
    describe_regions::DescribeRegions,
    describe_security_group_configuration::DescribeSecurityGroupConfiguration,
    modify_security_group_configuration::ModifySecurityGroupConfiguration,
}

#[cfg(test)]
mod tests {
    use crate::api::is_common_parameter;
    use crate::rds::PRODUCT;

    #[test]
    fn the_index_is_sorted_and_every_action_is_a_real_one() {
        assert!(PRODUCT.actions.is_sorted_by(|one, other| one.name < other.name));
        for entry in PRODUCT.actions {
            let known = PRODUCT.known(entry.name).unwrap();
            assert_eq!(known.name, entry.name);
            for field in (entry.fields)() {
                assert!(known.has_parameter(field) || is_common_parameter(field), "{}: {field}", entry.name);
            }
        }
    }

    #[test]
    fn the_known_actions_are_sorted_and_unique() {
        let names: Vec<_> = PRODUCT.known_names().collect();
        assert!(names.is_sorted_by(|one, other| one < other));
        assert_eq!(names.len(), 420);
    }

    #[test]
    fn names_match_whatever_their_case() {
        assert_eq!(PRODUCT.find("describeregions").map(|entry| entry.name), Some("DescribeRegions"));
        let known = PRODUCT.known("UnTagResources").unwrap();
        assert_eq!(known.name, "UntagResources");
        assert!(known.has_parameter("TagKey.12") && !known.has_parameter("TagKey") && !known.has_parameter("Tagkey.1"));
        assert!(PRODUCT.known("DescribeRegion").is_none());
    }
}
