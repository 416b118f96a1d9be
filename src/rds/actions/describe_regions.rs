//! DescribeRegions: where instances can be.

use serde::{Deserialize, Serialize};

use crate::api::{Action, Context, ErrorCode, Result};
use crate::rds::regions::{REGIONS, Region};

/// Lists the regions, one row for each zone. `AcceptLanguage` is `en-US` (the default, a guess) or `zh-CN`.
#[derive(Debug, Deserialize)]
pub(super) struct DescribeRegions {
    #[serde(rename = "AcceptLanguage")]
    accept_language: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Response {
    request_id: String,
    regions: Regions,
}

#[derive(Debug, Serialize)]
struct Regions {
    #[serde(rename = "RDSRegion")]
    rows: Vec<RdsRegion>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RdsRegion {
    region_id: &'static str,
    zone_id: String,
    local_name: &'static str,
    zone_name: String,
    region_endpoint: String,
}

impl Action for DescribeRegions {
    const NAME: &'static str = "DescribeRegions";
    const SUMMARY: &'static str = "Lists regions and zones: a fixed selection of the public ones.";
    type Response = Response;

    fn run(self, context: &Context<'_>) -> Result<Response> {
        let chinese = match self.accept_language.as_deref() {
            None | Some("en-US") => false,
            Some("zh-CN") => true,
            Some(_) => return Err(ErrorCode::InvalidAcceptLanguageNotFound.into()),
        };
        let row = |region: &'static Region, zone: char| {
            let name = if chinese { region.chinese } else { region.english };
            let (city, letter) = (Region::city(name), zone.to_ascii_uppercase());
            RdsRegion {
                region_id: region.id,
                zone_id: format!("{}-{zone}", region.id),
                local_name: name,
                zone_name: if chinese { format!("{city} 可用区{letter}") } else { format!("{city} Zone {letter}") },
                region_endpoint: region.endpoint(),
            }
        };
        let rows = REGIONS.iter().flat_map(|region| region.zones.chars().map(move |zone| row(region, zone))).collect();
        Ok(Response { request_id: context.request_id.to_owned(), regions: Regions { rows } })
    }
}
