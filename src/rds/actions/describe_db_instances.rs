//! DescribeDBInstances: the list of instances, filtered and in pages.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::instance_fields::InstanceFields;
use crate::api::{Action, Context, Error, ErrorCode, Result};
use crate::rds::Instance;
use crate::rds::model::wire_time;

/// Lists the instances of a region that pass every filter, sorted by id.
///
/// Pages by number (`PageSize` 1 to 100, 30 unless said; beyond the last page the list is empty) or, with `MaxResults` or
/// `NextToken`, by token. An id that no instance has gives an empty list, not an error. `SearchKey` is part of an id or
/// description; `Tags` is a JSON object, and an instance must have all of it.
#[derive(Debug, Deserialize)]
pub(super) struct DescribeDBInstances {
    #[serde(rename = "RegionId")]
    region_id: String,
    #[serde(rename = "DBInstanceId")]
    instance_id: Option<String>,
    #[serde(rename = "Engine")]
    engine: Option<String>,
    #[serde(rename = "EngineVersion")]
    engine_version: Option<String>,
    #[serde(rename = "DBInstanceStatus")]
    status: Option<String>,
    #[serde(rename = "DBInstanceType")]
    instance_type: Option<String>,
    #[serde(rename = "DBInstanceClass")]
    class: Option<String>,
    #[serde(rename = "Category")]
    category: Option<String>,
    #[serde(rename = "InstanceNetworkType")]
    network_type: Option<String>,
    #[serde(rename = "VpcId")]
    vpc_id: Option<String>,
    #[serde(rename = "VSwitchId")]
    v_switch_id: Option<String>,
    #[serde(rename = "ZoneId")]
    zone_id: Option<String>,
    #[serde(rename = "PayType")]
    pay_type: Option<String>,
    #[serde(rename = "ResourceGroupId")]
    resource_group_id: Option<String>,
    #[serde(rename = "ConnectionString")]
    connection_string: Option<String>,
    #[serde(rename = "ConnectionMode")]
    connection_mode: Option<String>,
    #[serde(rename = "SearchKey")]
    search_key: Option<String>,
    #[serde(rename = "Tags")]
    tags: Option<String>,
    #[serde(rename = "Expired")]
    expired: Option<String>,
    #[serde(rename = "PageSize")]
    page_size: Option<u32>,
    #[serde(rename = "PageNumber")]
    page_number: Option<u32>,
    #[serde(rename = "MaxResults")]
    max_results: Option<u32>,
    #[serde(rename = "NextToken")]
    next_token: Option<String>,
}

/// Key order of an answer recorded in 2018.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Response {
    items: Items,
    total_record_count: usize,
    page_number: u32,
    request_id: String,
    page_record_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
struct Items {
    #[serde(rename = "DBInstance")]
    instances: Vec<Item>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    #[serde(flatten)]
    fields: InstanceFields,
    create_time: String,
    /// Whether the instance spans zones; the service spells it so.
    #[serde(rename = "MutriORsignle")]
    in_several_zones: bool,
}

impl Action for DescribeDBInstances {
    const NAME: &'static str = "DescribeDBInstances";
    const SUMMARY: &'static str = "Lists instances by page or token, filtered by id, engine, status, SearchKey, Tags and more.";
    type Response = Response;

    fn run(self, context: &Context<'_>) -> Result<Response> {
        let page = self.page()?;
        let filter = self.filter(context.now)?;
        let found: Vec<_> = context.world.instances().into_iter().filter(filter).collect();

        let shown: Vec<_> = match &page {
            Page::Number { size, number } => {
                let skipped = (*number as usize - 1).saturating_mul(*size as usize);
                found.iter().skip(skipped).take(*size as usize).collect()
            }
            Page::After { size, last_id } => {
                found.iter().filter(|instance| instance.id > *last_id).take(*size as usize).collect()
            }
        };
        let next_token = match (&page, shown.last(), found.last()) {
            (Page::After { .. }, Some(shown), Some(found)) if shown.id != found.id => Some(token(&shown.id)),
            _ => None,
        };
        Ok(Response {
            total_record_count: found.len(),
            page_number: if let Page::Number { number, .. } = page { number } else { 1 },
            page_record_count: shown.len(),
            items: Items { instances: shown.into_iter().map(Item::of).collect() },
            request_id: context.request_id.to_owned(),
            next_token,
        })
    }
}

/// Which part of the list is asked for.
enum Page {
    Number { size: u32, number: u32 },
    After { size: u32, last_id: String },
}

const TOKEN_PREFIX: &str = "after:";

fn token(last_id: &str) -> String {
    BASE64.encode(format!("{TOKEN_PREFIX}{last_id}"))
}

impl DescribeDBInstances {
    fn page(&self) -> Result<Page> {
        let in_range = |name, value: Option<u32>, default, max| {
            let value = value.unwrap_or(default);
            if (1..=max).contains(&value) { Ok(value) } else { Err(Error::invalid_parameter(name, &value.to_string())) }
        };
        let size = in_range("PageSize", self.page_size, 30, 100)?;
        let number = in_range("PageNumber", self.page_number, 1, u32::MAX)?;
        if self.max_results.is_none() && self.next_token.is_none() {
            return Ok(Page::Number { size, number });
        }
        let size = in_range("MaxResults", self.max_results, 30, 100)?;
        let last_id = match &self.next_token {
            None => String::new(),
            Some(token) => BASE64
                .decode(token)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .and_then(|text| Some(text.strip_prefix(TOKEN_PREFIX)?.to_owned()))
                .ok_or_else(|| Error::from(ErrorCode::InvalidNextToken))?,
        };
        Ok(Page::After { size, last_id })
    }

    fn filter(self, now: Timestamp) -> Result<impl Fn(&Instance) -> bool> {
        let tags: BTreeMap<String, String> = match &self.tags {
            None => BTreeMap::new(),
            Some(json) => serde_json::from_str(json).map_err(|_| Error::invalid_parameter("Tags", json))?,
        };
        let expired = match self.expired.as_deref() {
            None => None,
            Some(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Some(_) => return Err(ErrorCode::InvalidExpiredFormat.into()),
        };
        let types = ["Primary", "Readonly", "Guard", "Temp"];
        if self.instance_type.as_deref().is_some_and(|wanted| !types.contains(&wanted)) {
            return Err(ErrorCode::InvalidDbInstanceTypeValueNotSupport.into());
        }
        let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        Ok(move |instance: &Instance| {
            instance.region_id == self.region_id
                && is(&self.instance_id, &instance.id)
                && is(&self.engine, instance.engine.word())
                && is(&self.engine_version, instance.engine_version())
                && is(&self.status, instance.status.word())
                && is(&self.instance_type, &instance.instance_type)
                && is(&self.class, instance.class())
                && is(&self.category, &instance.category)
                && is(&self.network_type, instance.instance_network_type.word())
                && is(&self.vpc_id, instance.vpc_id.as_deref().unwrap_or_default())
                && is(&self.v_switch_id, instance.v_switch_id.as_deref().unwrap_or_default())
                && is(&self.zone_id, &instance.zone_id())
                && is(&self.pay_type, &instance.pay_type)
                && is(&self.resource_group_id, &instance.resource_group_id)
                && is(&self.connection_string, &instance.connection_string())
                && is(&self.connection_mode, Instance::CONNECTION_MODE)
                && self
                    .search_key
                    .as_deref()
                    .is_none_or(|key| instance.id.contains(key) || instance.description.contains(key))
                && tags.iter().all(|(key, value)| instance.tags.get(key) == Some(value))
                && expired.is_none_or(|expired| instance.expire_time.is_some_and(|time| time <= now) == expired)
        })
    }
}

impl Item {
    fn of(instance: &Instance) -> Self {
        Self {
            fields: InstanceFields::of(instance),
            create_time: wire_time(instance.creation_time),
            in_several_zones: false,
        }
    }
}
