//! Kinds of fields and the PostgreSQL types Django gives them. Read from Django 4.2 to 5.2 and the libraries' current versions.

/// How a kind's type is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Always this.
    Is(&'static str),
    /// An identity of this type.
    Auto(&'static str),
    /// An integer of this type that is not negative.
    Positive(&'static str),
    /// `character varying` of `max_length`, else of this length; 0: without a length.
    Text(u16),
    /// `numeric` of `max_digits` and `decimal_places`, else of these; 0: without.
    Number(u16, u16),
    /// A geometry of this sort.
    Geometry(&'static str),
}

/// What else a kind says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Indexed unless the field says otherwise.
    pub indexed: bool,
    /// Unique.
    pub unique: bool,
    /// Takes NULL.
    pub null: bool,
    /// The primary key.
    pub is_key: bool,
}

const INDEXED: Traits = Traits { indexed: true, unique: false, null: false, is_key: false };
const PLAIN: Traits = Traits { indexed: false, unique: false, null: false, is_key: false };

/// A field class by its name.
#[must_use]
pub fn kind(name: &str) -> Option<(Type, Traits)> {
    django(name).or_else(|| library(name)).or_else(|| alike(name).map(|ty| (ty, PLAIN)))
}

/// The field classes of Django itself and of its `contrib` packages.
fn django(name: &str) -> Option<(Type, Traits)> {
    let ty = match name {
        "AutoField" => Type::Auto("integer"),
        "BigAutoField" => Type::Auto("bigint"),
        "SmallAutoField" => Type::Auto("smallint"),
        "BigIntegerField" => Type::Is("bigint"),
        "BinaryField" => Type::Is("bytea"),
        "BooleanField" | "NullBooleanField" => Type::Is("boolean"),
        "CharField" => Type::Text(0),
        "CommaSeparatedIntegerField" => Type::Text(0),
        "DateField" => Type::Is("date"),
        "DateTimeField" => Type::Is("timestamp with time zone"),
        "DecimalField" => Type::Number(0, 0),
        "DurationField" => Type::Is("interval"),
        "EmailField" => Type::Text(254),
        "FileField" | "FilePathField" | "ImageField" => Type::Text(100),
        "FloatField" => Type::Is("double precision"),
        "GenericIPAddressField" | "IPAddressField" => Type::Is("inet"),
        "IntegerField" | "OrderWrt" => Type::Is("integer"),
        "JSONField" => Type::Is("jsonb"),
        "PositiveBigIntegerField" => Type::Positive("bigint"),
        "PositiveIntegerField" => Type::Positive("integer"),
        "PositiveSmallIntegerField" => Type::Positive("smallint"),
        "SlugField" => return Some((Type::Text(50), INDEXED)),
        "SmallIntegerField" => Type::Is("smallint"),
        "TextField" => Type::Is("text"),
        "TimeField" => Type::Is("time without time zone"),
        "URLField" => Type::Text(200),
        "UUIDField" => Type::Is("uuid"),
        _ => return contrib(name),
    };
    Some((ty, PLAIN))
}

fn contrib(name: &str) -> Option<(Type, Traits)> {
    let ty = match name {
        "HStoreField" => Type::Is("hstore"),
        "CICharField" | "CIEmailField" | "CITextField" => Type::Is("citext"),
        "IntegerRangeField" => Type::Is("int4range"),
        "BigIntegerRangeField" => Type::Is("int8range"),
        "DecimalRangeField" | "FloatRangeField" => Type::Is("numrange"),
        "DateTimeRangeField" => Type::Is("tstzrange"),
        "DateRangeField" => Type::Is("daterange"),
        "SearchVectorField" => Type::Is("tsvector"),
        "GeometryField" => Type::Geometry("GEOMETRY"),
        "PointField" => Type::Geometry("POINT"),
        "LineStringField" => Type::Geometry("LINESTRING"),
        "PolygonField" => Type::Geometry("POLYGON"),
        "MultiPointField" => Type::Geometry("MULTIPOINT"),
        "MultiLineStringField" => Type::Geometry("MULTILINESTRING"),
        "MultiPolygonField" => Type::Geometry("MULTIPOLYGON"),
        "GeometryCollectionField" => Type::Geometry("GEOMETRYCOLLECTION"),
        "RasterField" => Type::Is("raster"),
        _ => return None,
    };
    let is_spatial = matches!(ty, Type::Geometry(_) | Type::Is("raster"));
    Some((ty, Traits { indexed: is_spatial, ..PLAIN }))
}

/// The field classes of well-known libraries.
fn library(name: &str) -> Option<(Type, Traits)> {
    let ty = match name {
        // django-model-utils
        "AutoCreatedField" | "AutoLastModifiedField" | "MonitorField" => Type::Is("timestamp with time zone"),
        "StatusField" => Type::Text(100),
        "SplitField" | "UrlsafeTokenField" => return None,
        // django-extensions
        "CreationDateTimeField" | "ModificationDateTimeField" => Type::Is("timestamp with time zone"),
        "AutoSlugField" => return Some((Type::Text(50), INDEXED)),
        "RandomCharField" => Type::Text(0),
        "ShortUUIDField" => Type::Text(22),
        // phones, countries, money, colours, time zones
        "PhoneNumberField" => Type::Text(128),
        "CountryField" => Type::Text(2),
        "CurrencyField" => Type::Text(3),
        "TimeZoneField" => Type::Text(63),
        "ColorField" => Type::Text(25),
        "MoneyField" => Type::Number(0, 0),
        "LanguageField" => Type::Text(3),
        "RecurrenceField" | "CronField" => Type::Is("text"),
        // states
        "FSMField" => Type::Text(50),
        "FSMIntegerField" => Type::Is("integer"),
        // trees, networks
        "LtreeField" | "PathField" => Type::Is("ltree"),
        "CidrAddressField" => Type::Is("cidr"),
        "InetAddressField" => Type::Is("inet"),
        "MACAddressField" => Type::Is("macaddr"),
        "MACAddress8Field" => Type::Is("macaddr8"),
        "BitField" => Type::Is("bigint"),
        "VectorField" => Type::Is("vector"),
        "ULIDField" | "UUID7Field" | "UUIDv7Field" => Type::Is("uuid"),
        "MultiSelectField" => Type::Text(200),
        "EncryptedTextField"
        | "EncryptedCharField"
        | "EncryptedEmailField"
        | "EncryptedJSONField"
        | "EncryptedIntegerField"
        | "EncryptedDateField"
        | "EncryptedDateTimeField"
        | "EncryptedURLField" => Type::Is("text"),
        _ => return media(name).map(|ty| (ty, PLAIN)),
    };
    Some((ty, PLAIN))
}

/// Texts and images of libraries.
fn media(name: &str) -> Option<Type> {
    Some(match name {
        // texts
        "RichTextField"
        | "RichTextUploadingField"
        | "HTMLField"
        | "MarkdownField"
        | "MarkdownxField"
        | "MDTextField"
        | "SummernoteTextField"
        | "CKEditor5Field"
        | "QuillField"
        | "MartorField"
        | "BleachField"
        | "TinyMCEModelField"
        | "YAMLField"
        | "PickledObjectField" => Type::Is("text"),
        "StreamField" => Type::Is("jsonb"),
        // images
        "ThumbnailerImageField"
        | "ThumbnailerField"
        | "ProcessedImageField"
        | "VersatileImageField"
        | "SorlImageField"
        | "ResizedImageField" => Type::Text(100),
        "PPOIField" => Type::Text(20),
        _ => return None,
    })
}

/// Fields that say in their name what they hold.
fn alike(name: &str) -> Option<Type> {
    const ENDS: &[(&str, Type)] = &[
        ("PositiveSmallIntegerField", Type::Positive("smallint")),
        ("PositiveIntegerField", Type::Positive("integer")),
        ("BigIntegerField", Type::Is("bigint")),
        ("SmallIntegerField", Type::Is("smallint")),
        ("IntegerField", Type::Is("integer")),
        ("CharField", Type::Text(0)),
        ("EmailField", Type::Text(254)),
        ("URLField", Type::Text(200)),
        ("ImageField", Type::Text(100)),
        ("FileField", Type::Text(100)),
        ("TextField", Type::Is("text")),
        ("JSONField", Type::Is("jsonb")),
        ("JsonField", Type::Is("jsonb")),
        ("DateTimeField", Type::Is("timestamp with time zone")),
        ("DateField", Type::Is("date")),
        ("TimeField", Type::Is("time without time zone")),
        ("DecimalField", Type::Number(0, 0)),
        ("FloatField", Type::Is("double precision")),
        ("BooleanField", Type::Is("boolean")),
        ("UUIDField", Type::Is("uuid")),
        ("SlugField", Type::Text(50)),
        ("DurationField", Type::Is("interval")),
        ("BinaryField", Type::Is("bytea")),
    ];
    ENDS.iter().find(|(end, _)| name.ends_with(end)).map(|(_, ty)| *ty)
}
