//! Every error the mock can answer with: one row each, and nowhere else a code, a status or a message.

/// How a row is known.
#[cfg(test)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Evidence {
    /// A raw answer of the real service, recorded by somebody.
    Recorded,
    /// The official documentation.
    Documented,
    /// Nothing recorded or documented was found; the choice is ours.
    Guess,
}

macro_rules! catalogue {
    ($($name:ident, $code:literal, $status:literal, $message:literal, $evidence:ident: $source:literal;)*) => {
        /// An error of the catalogue, named after its code.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum ErrorCode { $($name),* }

        impl ErrorCode {
            /// Every row, in the order of the table.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            /// The `Code` on the wire.
            pub(crate) const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The HTTP status.
            pub(crate) const fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// The `Message`, with at most one hole, `{}`.
            pub(crate) const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),* }
            }

            /// Where code, status and message are known from.
            #[cfg(test)]
            pub(crate) const fn source(self) -> (Evidence, &'static str) {
                match self { $(Self::$name => (Evidence::$evidence, $source)),* }
            }
        }
    };
}

// RDS is a product of the gateway's early days: for some common errors it answers with codes of its own
// (`IncompleteSignature`, `IllegalTimestamp`, `MissingParameter`) where newer products have generic ones.
catalogue! {
    // The gateway: reading the call and finding the action.
    RequestParameterMalformed, "RequestParameterMalformed", 400, "Request parameters has malformed encoded characters.",
        Recorded: "another product's live answer (ESA)";
    RequestEntityTooLarge, "RequestEntityTooLarge", 413, "The request body is larger than {} bytes.",
        Guess: "the service's limit and its answer are not known";
    RequestTimeout, "RequestTimeout", 408, "The request body did not arrive within {} seconds.",
        Guess: "the service's limit and its answer are not known";
    MissingParameter, "MissingParameter", 400,
        "The input parameter \"{}\" that is mandatory for processing this request is not supplied.",
        Recorded: "RDS 2017, aliyun-openapi-python-sdk issue 46";
    InvalidActionNotFound, "InvalidAction.NotFound", 404, "Specified api is not found, please check your url and method.",
        Recorded: "live ECS answer in a unit test of the aliyun CLI; for RDS a guess";
    UnsupportedHttpMethod, "UnsupportedHTTPMethod", 400, "This http method is not supported.",
        Recorded: "another product's live answer (ESA); the RDS documentation says 403";
    InvalidParameterFormat, "InvalidParameter.Format", 400, "Specified parameter format is not valid.",
        Documented: "the gateway's public error table";
    InvalidParameterAccept, "InvalidParameter.Accept", 400, "Specified parameter accept is not valid.",
        Documented: "the gateway's public error table";

    // The gateway: who calls.
    InvalidSignatureMethod, "InvalidSignatureMethod", 400, "Specified signature method is not valid.",
        Documented: "the gateway's public error table";
    InvalidSignatureVersion, "InvalidSignatureVersion", 400, "Specified parameter SignatureVersion is not valid.",
        Guess: "after the gateway's pattern Invalid{Param}";
    UnsupportedSignatureType, "UnsupportedSignatureType", 400, "This signature type is not supported.",
        Recorded: "live tests of the PHP SDK against another product; the status is a guess";
    InvalidTimestampFormat, "InvalidTimeStamp.Format", 400, "Specified time stamp or date value is not well formatted.",
        Recorded: "live gateway answers, and its public error table";
    IllegalTimestamp, "IllegalTimestamp", 400,
        "The input parameter \"Timestamp\" that is mandatory for processing this request is not supplied.",
        Recorded: "RDS 2016, aliyun-cli issue 18: what RDS says of an expired timestamp";
    InvalidAccessKeyIdNotFound, "InvalidAccessKeyId.NotFound", 404, "Specified access key is not found.",
        Recorded: "RDS 2018, zabbix-RDS-monitor issues 6 and 9";
    InvalidAccessKeyIdInactive, "InvalidAccessKeyId.Inactive", 400, "Specified access key is disabled.",
        Documented: "the gateway's public error table";
    MissingSecurityToken, "MissingSecurityToken", 400, "SecurityToken is mandatory for this action.",
        Recorded: "live gateway answers";
    InvalidSecurityTokenMalformed, "InvalidSecurityToken.Malformed", 400, "Specified SecurityToken is malformed.",
        Recorded: "live gateway answers, and its public error table";
    InvalidSecurityTokenMismatch, "InvalidSecurityToken.MismatchWithAccessKey", 400,
        "Specified SecurityToken mismatch with the AccessKey.",
        Documented: "the gateway's public error table";
    InvalidSecurityTokenExpired, "InvalidSecurityToken.Expired", 400, "Specified SecurityToken is expired.",
        Recorded: "live gateway answers, and its public error table";
    IncompleteSignature, "IncompleteSignature", 400, "The request signature does not conform to Aliyun standards. {}",
        Recorded: "RDS 2018 (migration guide), ECS 2019 (fog-aliyun issue 32), RDS under V3 2025; the text after V3's is a guess";
    SignatureNonceUsed, "SignatureNonceUsed", 400, "Specified signature nonce was used already.",
        Recorded: "live gateway answers, and its public error table; for RDS not recorded";
    ForbiddenRam, "Forbidden.RAM", 403,
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
        Recorded: "live gateway answer of another product (alidns, with status 400); RDS documents code and status";
    InternalError, "InternalError", 500,
        "The request processing has failed due to some unknown error, exception or failure.",
        Recorded: "live gateway answers, and its public error table";

    // The gateway: what only a planned fault answers with.
    Throttling, "Throttling", 400, "Request was denied due to request throttling.",
        Documented: "the RDS client error table; the gateway's own text is another";
    ThrottlingUser, "Throttling.User", 400, "Request was denied due to user flow control.",
        Recorded: "live gateway answers";
    ThrottlingApi, "Throttling.Api", 400, "Request was denied due to api flow control.",
        Recorded: "live gateway answers";
    ServiceUnavailable, "ServiceUnavailable", 503, "The request has failed due to a temporary failure of the server.",
        Recorded: "live gateway answers, and its public error table";

    // RDS: parameters and resources.
    InvalidParameter, "InvalidParameter", 400, "The specified parameter \"{}\" is not valid.",
        Documented: "the RDS client error table; the text after InvalidDBDescription.Malformed";
    InvalidDbInstanceTypeValueNotSupport, "InvalidDBInstanceType.ValueNotSupport", 400,
        "The specified parameter DBInstanceType is not valid.",
        Recorded: "code and status, for DescribeDBInstances; the text is a guess";
    UnsupportedParameter, "UnsupportedParameter", 400, "The parameter \"{}\" is not supported.",
        Documented: "the RDS client error table; the text is a guess, and the service ignores unknown parameters";
    InvalidNextToken, "Invalid.NextToken", 400, "The specified parameter NextToken is not valid.",
        Documented: "error list of DescribeDBInstances; the text is a guess";
    InvalidExpiredFormat, "InvalidExpired.Format", 400, "The specified parameter Expired is not valid.",
        Documented: "error list of DescribeDBInstances; the text is a guess";
    InvalidAcceptLanguageNotFound, "InvalidAcceptLanguage.NotFound", 404, "The specified AcceptLanguage is not found.",
        Documented: "error list of DescribeRegions; the text is a guess";
    InvalidDbInstanceIdNotFound, "InvalidDBInstanceId.NotFound", 404,
        "DBInstanceIdentifier does not refer to an existing DB instance.",
        Recorded: "RDS 2022, terraform-provider-alicloud issue 4776 (status 400 was seen in 2017)";
    IncorrectDbInstanceState, "IncorrectDBInstanceState", 403, "Current DB instance state does not support this operation.",
        Documented: "error lists of 54 RDS actions, not of this one";
    AssociatedEcsSecurityGroupIdQuotaExceed, "AssociatedEcsSecurityGroupIdQuotaExceed", 400, "Security groups quota exceeded",
        Documented: "error list of ModifySecurityGroupConfiguration";
    InvalidSecurityGroupIdMalformed, "InvalidSecurityGroupId.Malformed", 400,
        "The specified parameter \"SecurityGroupId\" is not valid.",
        Guess: "ECS's own code for it; RDS documents none";
    InvalidSecurityGroupIdNotFound, "InvalidSecurityGroupId.NotFound", 404, "The specified SecurityGroupId does not exist.",
        Guess: "ECS's own code for it; RDS documents none";
    SecurityGroupNetworkTypeMismatch, "InvalidSecurityGroupId.NetworkTypeMismatch", 400,
        "The network type of the specified security group does not match that of the instance.",
        Guess: "the user guide forbids it; the code is not documented";
    SecurityGroupRegionMismatch, "InvalidSecurityGroupId.RegionMismatch", 400,
        "The region of the specified security group does not match that of the instance.",
        Guess: "security groups are regional; the code is not documented";
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::path::Path;

    use super::*;

    /// `docs/errors.md` is the table; `UPDATE_FIXTURES=1 cargo test` writes it.
    #[test]
    fn the_document_of_errors_is_made_from_the_table() {
        let mut rows = "| code | HTTP | message | known |\n| --- | --- | --- | --- |\n".to_owned();
        for error in ErrorCode::ALL {
            let (evidence, source) = error.source();
            let (code, status, message) = (error.code(), error.status(), error.message().replace("{}", "…"));
            let evidence = format!("{evidence:?}").to_lowercase();
            writeln!(rows, "| `{code}` | {status} | {message} | **{evidence}**: {source} |").unwrap();
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
        let text = std::fs::read_to_string(&path).unwrap();
        let (begin, end) = ("<!-- errors -->\n", "<!-- /errors -->\n");
        let (before, rest) = text.split_once(begin).unwrap();
        let expected = format!("{before}{begin}{rows}{end}");
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            std::fs::write(path, expected).unwrap();
        } else {
            assert_eq!(text, expected, "docs/errors.md is stale, with {} characters behind the mark", rest.len());
        }
    }

    #[test]
    fn every_row_is_unique_and_has_at_most_one_hole() {
        let mut codes: Vec<_> = ErrorCode::ALL.iter().map(|error| error.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ErrorCode::ALL.len(), "a code stands in two rows");
        for error in ErrorCode::ALL {
            assert!(error.message().matches("{}").count() <= 1, "{error:?}");
            assert!((400..600).contains(&error.status()), "{error:?}");
            assert!(!error.source().1.is_empty(), "{error:?}");
        }
    }
}
