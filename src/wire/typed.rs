//! Parameters → a typed request, by serde.
//!
//! Field names are the wire's. A required field that is absent, or present and empty, is refused as missing; an optional
//! one that is empty counts as absent; [`crate::api::MaybeEmpty`] takes an empty value for what it is. Parameters that no
//! field names are left alone: clients send `RegionId`, `SourceIp` and the `Owner…` family everywhere.

use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::Params;
use crate::api::{Error, ErrorCode, Result};

/// Reads `T` from the parameters, or says which parameter is missing or not valid.
pub(crate) fn from_params<T: DeserializeOwned>(params: &Params<'_>) -> Result<T> {
    T::deserialize(ParamsDeserializer { params }).map_err(|refusal| match refusal {
        Refusal::Missing(name) => ErrorCode::MissingParameter.about(name),
        Refusal::Invalid { name, value } => Error::invalid_parameter(&name, &value),
        Refusal::Unnamed => ErrorCode::InvalidParameter.about("unknown"),
    })
}

/// Why a field could not be read; becomes an [`Error`] of the catalogue at the end.
#[derive(Debug)]
enum Refusal {
    Missing(String),
    Invalid {
        name: String,
        value: String,
    },
    /// What serde says of a value before the name of its parameter is put to it.
    Unnamed,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self::Unnamed
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name.to_owned())
    }
}

/// The parameters that `T` looks at: the names of its fields on the wire.
pub(crate) fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    /// Asks `T` how it wants to be read, and reads nothing.
    struct Asking<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Asking<'_> {
        type Error = Refusal;

        fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> std::result::Result<V::Value, Refusal> {
            Err(Refusal::Unnamed)
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _name: &'static str,
            fields: &'static [&'static str],
            _visitor: V,
        ) -> std::result::Result<V::Value, Refusal> {
            *self.0 = fields;
            Err(Refusal::Unnamed)
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut fields: &'static [&'static str] = &[];
    let _ = T::deserialize(Asking(&mut fields));
    fields
}

struct ParamsDeserializer<'a> {
    params: &'a Params<'a>,
}

impl<'de> Deserializer<'de> for ParamsDeserializer<'_> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> std::result::Result<V::Value, Refusal> {
        Err(de::Error::custom("a request is a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, Refusal> {
        visitor.visit_map(Fields { params: self.params, names: fields.iter(), current: None })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Walks the fields of the request, not the parameters, so that one sent twice or not at all needs no case of its own.
struct Fields<'a> {
    params: &'a Params<'a>,
    names: std::slice::Iter<'static, &'static str>,
    current: Option<(&'static str, &'a str)>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> std::result::Result<Option<K::Value>, Refusal> {
        self.current = self.names.find_map(|name| Some((*name, self.params.get(name)?)));
        let Some((name, _)) = self.current else { return Ok(None) };
        seed.deserialize(de::value::StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> std::result::Result<S::Value, Refusal> {
        let (name, value) = self.current.take().expect("serde asks for a value after its key");
        seed.deserialize(Value { name, value }).map_err(|refusal| match refusal {
            Refusal::Unnamed => Refusal::Invalid { name: name.to_owned(), value: value.to_owned() },
            named => named,
        })
    }
}

/// The text of one parameter.
struct Value<'a> {
    name: &'static str,
    value: &'a str,
}

impl Value<'_> {
    fn filled(&self) -> std::result::Result<&str, Refusal> {
        if self.value.is_empty() { Err(Refusal::Missing(self.name.to_owned())) } else { Ok(self.value) }
    }

    fn parsed<T: std::str::FromStr>(&self) -> std::result::Result<T, Refusal> {
        self.filled()?
            .parse()
            .map_err(|_| Refusal::Invalid { name: self.name.to_owned(), value: self.value.to_owned() })
    }
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Refusal> {
        visitor.visit_str(self.value)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Refusal> {
        if self.value.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Refusal> {
        visitor.visit_str(self.filled()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Refusal> {
        visitor.visit_str(self.filled()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Refusal> {
        visitor.visit_u32(self.parsed()?)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> std::result::Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::api::MaybeEmpty;

    #[derive(Debug, Deserialize)]
    struct Request {
        #[serde(rename = "DBInstanceId")]
        id: String,
        #[serde(rename = "PageSize")]
        page_size: Option<u32>,
        #[serde(rename = "Groups")]
        groups: Option<MaybeEmpty>,
        #[serde(rename = "SearchKey")]
        search_key: Option<String>,
    }

    fn read(query: &str) -> Result<Request> {
        from_params(&Params::read(query, b""))
    }

    #[test]
    fn reads_fields_and_ignores_the_rest() {
        let request = read("RegionId=x&DBInstanceId=rm-1&PageSize=7&SearchKey=&Unknown=1").unwrap();
        assert_eq!((request.id.as_str(), request.page_size), ("rm-1", Some(7)));
        assert_eq!(request.search_key, None);
        assert!(request.groups.is_none());
    }

    #[test]
    fn knows_the_fields_of_a_request() {
        assert_eq!(fields_of::<Request>(), ["DBInstanceId", "PageSize", "Groups", "SearchKey"]);
    }

    #[test]
    fn names_the_parameter_that_is_missing_or_wrong() {
        for query in ["", "DBInstanceId=", "dbinstanceid=rm-1"] {
            let error = read(query).unwrap_err();
            assert!(error.is(ErrorCode::MissingParameter));
            assert!(error.message().contains("\"DBInstanceId\""), "{error}");
        }
        for size in ["x", "-1", "1.5", "99999999999", " 1"] {
            let error = read(&format!("DBInstanceId=a&PageSize={size}")).unwrap_err();
            assert!(error.is(ErrorCode::InvalidParameter));
            assert!(error.message().contains("\"PageSize\""), "{error}");
        }
    }
}
