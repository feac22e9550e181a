import pytest

from qa.places import (
    NATION,
    THE_NATION,
    Place,
    by_full_name,
    by_short_name,
    divisions,
    full_names_in,
    resolve,
)


def place(name: str, context: str = "") -> Place:
    found = resolve(name, context)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "code", "level"),
    [
        ("越城区", "330602", "县"),
        ("绍兴市", "330600", "市"),
        ("浙江省", "330000", "省"),
        ("北京市", "110000", "省"),
        ("内蒙古自治区", "150000", "省"),
        ("香港特别行政区", "810000", "省"),
        ("甘南藏族自治州", "623000", "市"),
        ("大兴安岭地区", "232700", "市"),
        ("浦东新区", "310115", "县"),
        ("桐庐县", "330122", "县"),
        ("石河子市", "659001", "县"),
        ("全国", "000000", "国家"),
    ],
)
def test_places_have_their_official_codes_and_levels(name: str, code: str, level: str) -> None:
    assert (place(name).code, place(name).level) == (code, level)


@pytest.mark.parametrize(
    ("name", "parents", "province"),
    [
        ("越城区", ["绍兴市", "浙江省"], "浙江省"),
        ("绍兴市", ["浙江省"], "浙江省"),
        ("浙江省", [], "浙江省"),
        ("浦东新区", ["上海市"], "上海市"),
        ("神农架林区", ["湖北省"], "湖北省"),
        ("积石山保安族东乡族撒拉族自治县", ["临夏回族自治州", "甘肃省"], "甘肃省"),
        ("全国", [], None),
    ],
)
def test_parents_come_nearest_first(name: str, parents: list[str], province: str | None) -> None:
    assert [parent.name for parent in place(name).parents] == parents
    assert place(name).province == province


@pytest.mark.parametrize(
    ("above", "below", "contained"),
    [
        ("威海市", "环翠区", True),
        ("威海市", "威海市", True),
        ("威海市", "日照市", False),
        ("威海市", "东港区", False),
        ("威海市", "山东省", False),
        ("山东省", "威海市", True),
        ("山东省", "环翠区", True),
        ("山东省", "浙江省", False),
        ("环翠区", "威海市", False),
        ("越城区", "上城区", False),
        ("全国", "环翠区", True),
        ("全国", "山东省", True),
        ("山东省", "全国", False),
    ],
)
def test_a_place_contains_itself_and_what_lies_below(
    above: str, below: str, contained: bool
) -> None:
    assert place(above).contains(place(below).code) is contained


def test_nothing_contains_a_place_without_a_code() -> None:
    assert not THE_NATION.contains(None)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("越城区", "越城"),
        ("浙江省", "浙江"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("新疆维吾尔自治区", "新疆"),
        ("甘南藏族自治州", "甘南"),
        ("黔东南苗族侗族自治州", "黔东南"),
        ("巴音郭楞蒙古自治州", "巴音郭楞"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("恩施土家族苗族自治州", "恩施"),
        ("积石山保安族东乡族撒拉族自治县", "积石山"),
        ("莫力达瓦达斡尔族自治旗", "莫力达瓦"),
        ("浦东新区", "浦东"),
        ("大兴安岭地区", "大兴安岭"),
        ("香港特别行政区", "香港"),
        ("泾县", "泾县"),
        ("矿区", "矿区"),
        ("鄂温克族自治旗", "鄂温克族自治旗"),
        ("双江拉祜族佤族布朗族傣族自治县", "双江"),
        ("阿克塞哈萨克族自治县", "阿克塞"),
    ],
)
def test_the_short_name_leaves_out_the_class_and_the_peoples(name: str, short: str) -> None:
    bearers = by_full_name()[name]
    assert bearers[0].short_name == short
    assert bearers[0].names == ((name,) if name == short else (name, short))


def test_every_division_is_found_by_its_name_and_its_short_name() -> None:
    for code, name in divisions().items():
        held = Place(code, name)
        assert held in by_full_name()[name]
        assert len(held.short_name) >= 2
        assert held.short_name == name or held in by_short_name()[held.short_name]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("绍兴", "330600"),
        ("临淄", "370305"),
        ("甘南", "623000"),
        ("吉林", "220000"),
        ("海南", "460000"),
        ("杭州市上城区", "330102"),
        ("山东省淄博市临淄区", "370305"),
        ("南京市鼓楼区", "320106"),
        ("中华人民共和国", "000000"),
        ("国务院", "000000"),
    ],
)
def test_resolves_short_names_chains_and_the_nation(name: str, code: str) -> None:
    assert place(name).code == code


@pytest.mark.parametrize("name", ["", "云梦泽县", "鼓楼区", "朝阳区", "河北省鼓楼区", "绍兴市的"])
def test_does_not_guess_at_what_is_unknown_or_borne_by_several(name: str) -> None:
    assert resolve(name) is None


@pytest.mark.parametrize(
    ("name", "context", "code"),
    [
        ("鼓楼区", "在南京市江苏省的鼓楼区", "320106"),
        ("鼓楼区", "徐州市", "320302"),
        ("鼓楼区", "福州", "350102"),
        ("鼓楼区", "开封市鼓楼区", "410204"),
        ("朝阳区", "北京市", "110105"),
        ("朝阳区", "长春市", "220104"),
    ],
)
def test_the_context_tells_namesakes_apart(name: str, context: str, code: str) -> None:
    assert place(name, context).code == code


def test_a_context_that_speaks_for_two_namesakes_settles_nothing() -> None:
    assert len(by_full_name()["鼓楼区"]) == 4
    assert resolve("鼓楼区", "南京市和福州市") is None
    assert resolve("鼓楼区", "杭州市") is None


def test_names_in_a_text_come_in_order_with_repeats_and_the_longest_wins() -> None:
    text = "越城区和绍兴市,再说越城区;内蒙古自治区"
    assert full_names_in(text) == ["越城区", "绍兴市", "越城区", "内蒙古自治区"]
    assert full_names_in("阿坝藏族羌族自治州汶川县") == ["阿坝藏族羌族自治州", "汶川县"]


def test_the_nation_stands_above_all() -> None:
    assert (THE_NATION.name, THE_NATION.level, THE_NATION.short_name) == (NATION, "国家", NATION)
