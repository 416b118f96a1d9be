//! The regions and zones that `DescribeRegions` lists.
//!
//! A selection of the public regions. Names are the documentation's; which zones a region offers changes over time, so the
//! zones are examples (a guess). Endpoints follow the SDK's endpoint map of 2026: the first regions share one host, later
//! ones have their own.

/// A region: id, English name, Chinese name, the zones' last letters, and whether it answers on the shared host.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) id: &'static str,
    pub(super) english: &'static str,
    pub(super) chinese: &'static str,
    pub(super) zones: &'static str,
    shared_endpoint: bool,
}

impl Region {
    pub(super) fn endpoint(&self) -> String {
        if self.shared_endpoint { "rds.aliyuncs.com".to_owned() } else { format!("rds.{}.aliyuncs.com", self.id) }
    }

    /// The name without the country: `China (Hangzhou)` → `Hangzhou`, `华东1（杭州）` → `杭州`.
    pub(super) fn city(name: &str) -> &str {
        name.split_once(['(', '（']).map_or(name, |(_, city)| city.trim_end_matches([')', '）']))
    }
}

const fn region(
    id: &'static str,
    english: &'static str,
    chinese: &'static str,
    zones: &'static str,
    shared_endpoint: bool,
) -> Region {
    Region { id, english, chinese, zones, shared_endpoint }
}

/// Sorted by id.
pub(super) static REGIONS: &[Region] = &[
    region("ap-northeast-1", "Japan (Tokyo)", "日本（东京）", "abc", false),
    region("ap-southeast-1", "Singapore", "新加坡", "abc", true),
    region("ap-southeast-3", "Malaysia (Kuala Lumpur)", "马来西亚（吉隆坡）", "ab", false),
    region("ap-southeast-5", "Indonesia (Jakarta)", "印度尼西亚（雅加达）", "ab", false),
    region("cn-beijing", "China (Beijing)", "华北2（北京）", "fghijkl", true),
    region("cn-chengdu", "China (Chengdu)", "西南1（成都）", "ab", false),
    region("cn-guangzhou", "China (Guangzhou)", "华南3（广州）", "ab", false),
    region("cn-hangzhou", "China (Hangzhou)", "华东1（杭州）", "bghijk", true),
    region("cn-heyuan", "China (Heyuan)", "华南2（河源）", "ab", true),
    region("cn-hongkong", "China (Hong Kong)", "中国香港", "bcd", true),
    region("cn-huhehaote", "China (Hohhot)", "华北5（呼和浩特）", "ab", false),
    region("cn-qingdao", "China (Qingdao)", "华北1（青岛）", "bc", true),
    region("cn-shanghai", "China (Shanghai)", "华东2（上海）", "abefglmn", true),
    region("cn-shenzhen", "China (Shenzhen)", "华南1（深圳）", "cdef", true),
    region("cn-wulanchabu", "China (Ulanqab)", "华北6（乌兰察布）", "abc", false),
    region("cn-zhangjiakou", "China (Zhangjiakou)", "华北3（张家口）", "abc", false),
    region("eu-central-1", "Germany (Frankfurt)", "德国（法兰克福）", "ab", false),
    region("eu-west-1", "UK (London)", "英国（伦敦）", "ab", false),
    region("me-east-1", "UAE (Dubai)", "阿联酋（迪拜）", "a", false),
    region("us-east-1", "US (Virginia)", "美国（弗吉尼亚）", "ab", true),
    region("us-west-1", "US (Silicon Valley)", "美国（硅谷）", "ab", true),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_sorted() {
        assert!(REGIONS.is_sorted_by(|one, other| one.id < other.id));
    }
}
